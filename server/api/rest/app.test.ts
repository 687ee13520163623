import { describe, expect, it, vi } from 'vitest';
import { projectInput } from '../../workbench/testing';
import { testRest } from './testing';

vi.setConfig({ testTimeout: 20_000 });

interface Operation {
  'x-rule'?: { role: string; scope: string };
  security?: object[];
}

/** Every operation of the OpenAPI document. */
async function operations() {
  const rest = await testRest();
  const document = (await (await rest.send('GET', '/api/openapi.json', 'guest')).json()) as {
    openapi: string;
    paths: Record<string, Record<string, Operation>>;
  };
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      url: path.replace(/\{[^}]+\}/g, 'none'),
      operation,
    })),
  );
  return { rest, document, all };
}

describe('the OpenAPI document', () => {
  it('is of version 3.1 and names a rule and a way to sign in for every operation', async () => {
    const { document, all } = await operations();
    expect(document.openapi).toBe('3.1.0');
    expect(all.length).toBeGreaterThan(10);
    for (const { path, method, operation } of all) {
      const rule = operation['x-rule'];
      expect(rule, `${method} ${path}`).toBeDefined();
      expect(operation.security?.length, `${method} ${path}`).toBe(rule?.role === 'guest' ? 0 : 2);
    }
  });

  it('names every route there is', async () => {
    const { rest, all } = await operations();
    const described = new Set(
      all.map(({ method, path }) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    );
    const hidden = rest.app.routes
      .filter(({ method, path }) => method !== 'ALL' && path !== '/api/openapi.json')
      .map(({ method, path }) => `${method} ${path.replace(/\{[^}]*\}/g, '')}`)
      .filter((route) => !described.has(route));
    expect([...new Set(hidden)]).toEqual([]);
  });
});

describe('the rule of each route', () => {
  it('keeps out who has too little a role', async () => {
    const { rest, all } = await operations();
    for (const { method, url, operation } of all) {
      const role = operation['x-rule']?.role;
      if (role !== 'guest') {
        const response = await rest.send(method, url, 'guest');
        expect(response.status, `guest ${method} ${url}`).toBe(401);
        expect(response.headers.get('www-authenticate')).toBe('Bearer');
      }
      if (role === 'admin') {
        const response = await rest.send(method, url, 'ada');
        expect(response.status, `developer ${method} ${url}`).toBe(403);
      }
    }
  });

  it('keeps out a token that may only read', async () => {
    const { rest, all } = await operations();
    for (const { method, url, operation } of all) {
      if (operation['x-rule']?.scope === 'read') continue;
      const response = await rest.send(method, url, 'readOnly');
      expect(response.status, `${method} ${url}`).toBe(403);
    }
  });
});

describe('a problem', () => {
  it('is an RFC 9457 document in the language of the client', async () => {
    const { send } = await testRest();
    const response = await send('GET', '/api/v1/jobs/job_none', 'ada', {
      headers: { 'accept-language': 'zh-CN,zh;q=0.9' },
    });
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');

    expect(await response.json()).toEqual({
      type: 'urn:edgeyard:problem:jobs.errors.noJob',
      title: '该任务不存在，或您无权查看。',
      status: 404,
      code: 'not_found',
      key: 'jobs.errors.noJob',
      params: {},
    });
  });

  it('names the fields that broke a rule', async () => {
    const { send } = await testRest();
    const response = await send('GET', '/api/v1/jobs?limit=0', 'ada');
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      key: 'problems.badInput',
      errors: [{ path: 'limit', message: expect.any(String) as string }],
    });
  });

  it('is the answer for a path that is not there, and for a body that is no JSON', async () => {
    const { send, app } = await testRest();
    expect((await send('GET', '/api/v1/nothing', 'guest')).status).toBe(404);
    const response = await app.request('/api/v1/projects', {
      method: 'POST',
      headers: { authorization: 'ada', 'content-type': 'application/json' },
      body: '{',
    });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ key: 'problems.badBody' });
  });
});

describe('Idempotency-Key', () => {
  type Rest = Awaited<ReturnType<typeof testRest>>;
  const post = (rest: Rest, key: string, name = 'Camera', as: 'ada' | 'bob' = 'ada') =>
    rest.send('POST', '/api/v1/projects', as, {
      body: { ...projectInput, name },
      headers: { 'idempotency-key': key },
    });

  it('gives the first answer again for the same request', async () => {
    const rest = await testRest();
    const first = await post(rest, 'k1');
    const again = await post(rest, 'k1');
    expect(first.status).toBe(201);
    expect(again.status).toBe(201);
    expect(again.headers.get('idempotent-replay')).toBe('true');
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(await again.json()).toEqual(await first.json());
    expect(rest.workbench.projects.list(rest.actors['ada'] as never).length).toBe(1);
  });

  it('refuses the key for another request, and keeps users apart', async () => {
    const rest = await testRest();
    await post(rest, 'k1');
    const other = await post(rest, 'k1', 'Another name');
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({ key: 'api.errors.idempotencyKeyReused' });
    expect((await post(rest, 'k1', 'Camera', 'bob')).status).toBe(201);
  });

  it('refuses a second request while the first is worked on', async () => {
    const rest = await testRest();
    const answers = await Promise.all([post(rest, 'k1'), post(rest, 'k1')]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
  });

  it('forgets a request that failed, so that it can be sent again', async () => {
    const rest = await testRest();
    expect((await post(rest, 'k1', '')).status).toBe(422);
    expect((await post(rest, 'k1')).status).toBe(201);
  });

  it('must have a sensible length', async () => {
    const rest = await testRest();
    expect((await post(rest, 'x'.repeat(256))).status).toBe(422);
  });
});
