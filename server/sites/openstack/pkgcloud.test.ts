import { EventEmitter } from 'node:events';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Problem } from '../../problem';
import type { Cloud } from './cloud';
import { pkgcloudCompute } from './pkgcloud';
import { openCloud } from './session';
import { cutInTheMiddle, hang, json, openTestingCloud, type TestingCloud } from './testing-cloud';

const key = { name: 'k', public_key: 'ssh-ed25519 AAAA' };
const found = json(200, { keypair: key });

let remote: TestingCloud;
let cloud: Cloud;

beforeEach(async () => {
  remote = await openTestingCloud();
  cloud = openCloud(remote.access, { backOffMs: 1 });
});

afterEach(async () => {
  await cloud.close();
  await remote.close();
});

async function problemOf(promise: Promise<unknown>): Promise<Problem> {
  return (await promise.then(
    () => expect.unreachable('it succeeded'),
    (error: unknown) => error,
  )) as Problem;
}

// Each of these is a fault of pkgcloud 2.2.0, named after what it would do by itself.
describe('pkgcloud', () => {
  it('does key pairs and power', async () => {
    const nova = pkgcloudCompute(cloud);
    remote.on(/GET .*os-keypairs\/k$/, found);
    remote.on(/POST .*os-keypairs$/, json(201, { keypair: key }));
    remote.on(/DELETE .*os-keypairs\/k$/, json(202, ''));
    remote.on(/POST .*servers\/s1\/action/, json(202, ''));
    expect(await nova.keyPair('k')).toEqual(key);
    expect(await nova.keyPair('other')).toBeUndefined();
    await nova.addKeyPair('k', key.public_key);
    await nova.removeKeyPair('k');
    await nova.removeKeyPair('other');
    await nova.start('s1');
    await nova.stop('s1');
    await nova.reboot('s1', 'HARD');
    const bodies = remote.asked
      .filter(({ method }) => method === 'POST')
      .map(({ body }) => JSON.parse(body) as unknown);
    expect(bodies).toEqual([
      { keypair: { name: 'k', type: 'ssh', public_key: key.public_key } },
      { 'os-start': null },
      { 'os-stop': null },
      { reboot: { type: 'HARD' } },
    ]);
  });

  it('asks for the microversion of the session', async () => {
    remote.on(/os-keypairs/, found);
    await pkgcloudCompute(cloud).keyPair('k');
    expect(remote.asked.at(-1)?.headers).toMatchObject({
      'openstack-api-version': 'compute 2.87',
      'x-auth-token': 'token-1',
    });
  });

  it.each([429, 502, 504, 302])('takes %d for no success', async (status) => {
    remote.on(/os-start|servers/, json(status, { any: { message: 'not now' } }));
    const problem = await problemOf(pkgcloudCompute(cloud).start('s1'));
    expect(problem.key).toMatch(/rateLimited|unavailable|redirected/);
    expect(problem.detail).toBe('not now');
  });

  it.each([429, 502, 503, 504])('asks again after %d where that is safe', async (status) => {
    remote.on(/os-keypairs/, found);
    remote.on(/os-keypairs/, json(status, {}), 2);
    expect(await pkgcloudCompute(cloud).keyPair('k')).toEqual(key);
  });

  it('does not call every 403 a resize and every 409 a build', async () => {
    const nova = pkgcloudCompute(cloud);
    remote.on(/servers/, json(403, { forbidden: { code: 403, message: 'Policy does not allow it' } }), 1);
    expect(await problemOf(nova.start('s1'))).toMatchObject({
      key: 'openstack.errors.forbidden',
      detail: 'Policy does not allow it',
    });
    remote.on(/servers/, json(409, { conflictingRequest: { code: 409, message: 'it is active' } }));
    expect(await problemOf(nova.start('s1'))).toMatchObject({
      key: 'openstack.errors.conflict',
      detail: 'it is active',
    });
  });

  it('does not hang with an API that hangs: it is abortable', async () => {
    remote.on(/os-keypairs/, hang);
    const control = new AbortController();
    const asked = pkgcloudCompute(cloud).keyPair('k', control.signal);
    await vi.waitFor(() => expect(remote.asked.some(({ path }) => path.includes('os-keypairs'))).toBe(true));
    control.abort();
    await expect(asked).rejects.toThrow('aborted');
  });

  it('gives up after a time', async () => {
    remote.on(/os-keypairs/, hang);
    const problem = await problemOf(pkgcloudCompute(cloud, 300).keyPair('k'));
    expect(problem).toMatchObject({
      key: 'openstack.errors.timeout',
      params: { service: 'nova', seconds: 1 },
    });
  });

  it('signs in again when the token dies in mid-session', async () => {
    const nova = pkgcloudCompute(cloud);
    await nova.keyPair('k');
    remote.revoke();
    expect(await nova.keyPair('k')).toBeUndefined();
    expect(remote.logins).toHaveLength(2);
    remote.on(/os-keypairs/, json(401, {}));
    expect((await problemOf(nova.keyPair('k'))).key).toBe('openstack.errors.loginLost');
    expect(remote.logins).toHaveLength(3);
  });

  it('finds a service without a name, and an address that ends with /v3', async () => {
    delete (remote.catalogue[0] as { name?: string }).name;
    const login = { ...remote.access.login, authUrl: `${remote.access.login.authUrl}/v3` };
    const other = openCloud({ ...remote.access, login });
    remote.on(/os-keypairs/, found);
    expect(await pkgcloudCompute(other).keyPair('k')).toEqual(key);
    await other.close();
  });

  it.each([
    ['an empty body', json(200, '')],
    ['no key pair in it', json(200, {})],
    ['a page', json(200, '<html></html>')],
    ['null', json(200, 'null')],
  ])('survives an answer with %s', async (_name, handler) => {
    remote.on(/os-keypairs/, handler);
    const problem = await problemOf(pkgcloudCompute(cloud).keyPair('k'));
    expect(problem.key).toBe('openstack.errors.badAnswer');
  });

  it('asks again when the connection is cut', async () => {
    remote.on(/os-keypairs/, found);
    remote.on(/os-keypairs/, cutInTheMiddle, 1);
    expect(await pkgcloudCompute(cloud).keyPair('k')).toEqual(key);
  });

  it('has nobody listen to its trace events, and throws no token', async () => {
    const emit = vi.spyOn(EventEmitter.prototype, 'emit');
    remote.on(/servers/, json(400, 'token-1 is wrong'));
    const problem = await problemOf(pkgcloudCompute(cloud).start('s1'));
    expect(problem.detail).toBe('[hidden] is wrong');
    expect(inspect(problem, { depth: 20 })).not.toContain('token-1');
    expect(emit.mock.calls.filter(([name]) => String(name).startsWith('log::'))).toEqual([]);
    emit.mockRestore();
  });
});
