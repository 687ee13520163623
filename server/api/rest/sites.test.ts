import { describe, expect, it, vi } from 'vitest';
import { testRest } from './testing';
import { allLights } from '../../sites/sites';
import { cloudInput } from '../../sites/testing';
import { createCaller } from '../trpc/router';
import { root } from '../../workbench/testing';

type Json = Record<string, unknown>;
const bodyOf = async (answer: Response | Promise<Response>) => (await (await answer).json()) as Json;

describe('sites over REST', () => {
  it('are added, read, changed, tried and removed, and never show their secret', async () => {
    const { send, sites } = await testRest();
    const answers: Response[] = [];
    const ask = async (method: string, path: string, body?: unknown) => {
      const answer = await send(method, path, 'root', body === undefined ? {} : { body });
      answers.push(answer.clone());
      return answer;
    };
    const made = await ask('POST', '/api/v1/sites', cloudInput);
    expect(made.status).toBe(201);
    const { id } = (await made.json()) as { id: string };
    expect(made.headers.get('location')).toBe(`/api/v1/sites/${id}`);
    await vi.waitFor(() => expect(sites.room.get(id).state).toBe('ready'));
    expect(await bodyOf(ask('GET', `/api/v1/sites/${id}`))).toMatchObject({
      name: 'North',
      config: { userName: 'ada' },
      hasSecret: true,
      state: 'ready',
    });
    const changed = await ask('PATCH', `/api/v1/sites/${id}`, { name: 'South', purpose: 'sandbox' });
    expect(await bodyOf(changed)).toMatchObject({ name: 'South', purpose: 'sandbox' });
    expect(await bodyOf(ask('POST', `/api/v1/sites/${id}/test`))).toMatchObject({
      lights: [{ light: 'dns', state: 'ok' }],
    });
    const form = { siteId: id, kind: 'openstack', config: cloudInput.config };
    expect((await ask('POST', '/api/v1/sites/test', form)).status).toBe(200);
    expect(sites.clouds.examined.map(({ secret }) => secret)).toEqual(['open sesame', 'open sesame']);
    const list = (await bodyOf(ask('GET', '/api/v1/sites'))) as { sites: Json[] };
    expect(list.sites.map(({ name }) => name)).toEqual(['In memory', 'South']);
    expect((await ask('DELETE', `/api/v1/sites/${id}`)).status).toBe(204);
    expect((await ask('GET', `/api/v1/sites/${id}`)).status).toBe(404);
    const said = await Promise.all(answers.map((answer) => answer.text()));
    expect(said.join('\n')).not.toContain('sesame');
  });

  it('are forgotten by force with what was on them, once they do not answer', async () => {
    const { send, sites } = await testRest();
    const { id } = (await bodyOf(send('POST', '/api/v1/sites', 'root', { body: cloudInput }))) as {
      id: string;
    };
    const use = { kind: 'vm' as const, id: 'vm-1', name: 'web' };
    sites.clouds.uses.set(id, [use]);
    const path = `/api/v1/sites/${id}?force=true`;
    expect((await send('DELETE', path, 'ada')).status).toBe(403);
    expect(await bodyOf(send('DELETE', path, 'root'))).toMatchObject({
      status: 409,
      key: 'sites.errors.stillAnswers',
    });
    sites.clouds.examine = async function* () {
      yield await Promise.resolve({
        light: 'tcp' as const,
        state: 'failed' as const,
        ms: 1,
        says: 'openstack.errors.refused',
        params: {},
      });
    };
    expect(await bodyOf(send('DELETE', path, 'root'))).toEqual({ dropped: [use] });
    expect((await send('GET', `/api/v1/sites/${id}`, 'root')).status).toBe(404);
  });

  it('are refused field by field, and as a conflict for a name that is taken', async () => {
    const { send } = await testRest();
    const wrong = { ...cloudInput, name: ' ', config: { ...cloudInput.config, authUrl: 'north' } };
    const answer = await send('POST', '/api/v1/sites', 'root', { body: wrong });
    expect(answer.status).toBe(422);
    const { errors } = (await answer.json()) as { errors: { path: string }[] };
    expect(errors.map(({ path }) => path).toSorted()).toEqual(['config.authUrl', 'name']);
    await send('POST', '/api/v1/sites', 'root', { body: cloudInput });
    const again = await send('POST', '/api/v1/sites', 'root', { body: cloudInput });
    expect(await bodyOf(again)).toMatchObject({ status: 409, key: 'sites.errors.nameTaken' });
  });

  it('are seen by developers without their login, and changed by administrators alone', async () => {
    const { send, sites } = await testRest();
    const { id } = (await bodyOf(send('POST', '/api/v1/sites', 'root', { body: cloudInput }))) as {
      id: string;
    };
    await vi.waitFor(() => expect(sites.room.get(id).state).toBe('ready'));
    const list = await send('GET', '/api/v1/sites', 'ada');
    const text = await list.text();
    expect(text).toContain('North');
    expect(text).not.toContain('north.example.org');
    expect((await send('GET', `/api/v1/sites/${id}/offers`, 'ada')).status).toBe(200);
    expect((await send('GET', `/api/v1/sites/${id}`, 'ada')).status).toBe(403);
    expect((await send('DELETE', `/api/v1/sites/${id}`, 'ada')).status).toBe(403);
  });

  it('tell why they offer nothing while they are away', async () => {
    const { send, sites } = await testRest();
    sites.clouds.opening.set('North', () => Promise.reject(new Error('no')));
    const { id } = (await bodyOf(send('POST', '/api/v1/sites', 'root', { body: cloudInput }))) as {
      id: string;
    };
    await vi.waitFor(() => expect(sites.room.get(id).state).toBe('unavailable'));
    expect(await bodyOf(send('GET', `/api/v1/sites/${id}/offers`, 'ada'))).toMatchObject({
      status: 503,
      key: 'sites.errors.unavailable',
      params: { name: 'North' },
    });
    const list = (await bodyOf(send('GET', '/api/v1/sites', 'ada'))) as { sites: Json[] };
    expect(list.sites[1]).toMatchObject({ state: 'unavailable', problem: { key: 'problems.unexpected' } });
  });
});

describe('an import of logins', () => {
  const rc = 'export OS_AUTH_URL=https://x\nexport OS_PASSWORD=sesame\n';

  it('takes JSON, or a form of files, and is kept nowhere', async () => {
    const { send, app, sites } = await testRest();
    const given: string[] = [];
    sites.clouds.import = (text) => {
      given.push(text);
      return [{ kind: 'openstack', name: 'rc', login: cloudInput.config, secret: 'sesame', missing: [] }];
    };
    const headers = { 'idempotency-key': 'once' };
    const plain = await send('POST', '/api/v1/sites/import', 'root', { body: { text: rc }, headers });
    expect(plain.headers.get('cache-control')).toBe('no-store');
    expect(await bodyOf(plain)).toMatchObject({ logins: [{ name: 'rc', missing: [] }] });
    const again = await send('POST', '/api/v1/sites/import', 'root', { body: { text: rc }, headers });
    expect(await bodyOf(again)).toMatchObject({ key: 'api.errors.answerNotKept' });
    const form = new FormData();
    form.append('file', new Blob([rc]), 'openrc.sh');
    form.append('secure', new Blob(['more']), 'secure.yaml');
    const multipart = await app.request('/api/v1/sites/import', {
      method: 'POST',
      headers: { authorization: 'root' },
      body: form,
    });
    expect(multipart.status).toBe(200);
    expect(given).toEqual([rc, `${rc}\nmore`]);
  });

  it('takes the kind that stands beside it, in JSON and in a form', async () => {
    const { send, app, sites } = await testRest();
    const read = vi.spyOn(sites.room, 'readLogins').mockReturnValue([]);
    const kind = 'kubernetes';
    await send('POST', '/api/v1/sites/import', 'root', { body: { kind, text: 'contexts: []' } });
    const form = new FormData();
    form.append('file', new Blob(['clusters: []']), 'config');
    form.append('kind', kind);
    const headers = { authorization: 'root' };
    await app.request('/api/v1/sites/import', { method: 'POST', headers, body: form });
    expect(read.mock.calls).toEqual([
      [kind, 'contexts: []'],
      [kind, 'clusters: []'],
    ]);
    form.set('kind', 'docker');
    const other = await app.request('/api/v1/sites/import', { method: 'POST', headers, body: form });
    expect(await bodyOf(other)).toMatchObject({ status: 422, key: 'problems.badBody' });
  });

  it('refuses what is no such file', async () => {
    const { send, app } = await testRest();
    const headers = { authorization: 'root' };
    const form = new FormData();
    form.append('file', new Blob(['x'.repeat(300_000)]), 'big');
    const big = await app.request('/api/v1/sites/import', { method: 'POST', headers, body: form });
    expect(await bodyOf(big)).toMatchObject({ status: 413, key: 'sites.import.tooLarge' });
    const other = await send('POST', '/api/v1/sites/import', 'root', { body: { file: 1 } });
    expect(await bodyOf(other)).toMatchObject({ key: 'problems.badBody' });
  });
});

describe('sites over tRPC', () => {
  it('are the same room', async () => {
    const { house, sites } = await testRest();
    const caller = createCaller({ house, actor: root });
    const { id } = await caller.sites.create(cloudInput);
    await vi.waitFor(() => expect(sites.room.get(id).state).toBe('ready'));
    expect((await caller.sites.adminList()).map(({ builtIn }) => builtIn)).toEqual([true, false]);
    expect(
      await allLights(
        await caller.sites.examine({ siteId: id, kind: 'openstack', config: cloudInput.config }),
      ),
    ).toHaveLength(1);
    expect((await caller.sites.update({ siteId: id, enabled: false })).state).toBe('disabled');
    await caller.sites.remove({ siteId: id });
    expect(await caller.sites.list()).toHaveLength(1);
  });
});
