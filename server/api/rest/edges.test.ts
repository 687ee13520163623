import { afterEach, describe, expect, it } from 'vitest';
import type { Role, Scope } from '../../access/actor';
import type { House } from '../../house';
import { testEdges } from '../../operations/edges/testing';
import { loginSchemas } from '../../sites/schemas';
import { houseWith } from '../testing';
import { restApp } from './app';

type Json = Record<string, unknown>;
const scopes: Scope[] = ['read', 'write', 'admin'];

let bench: ReturnType<typeof testEdges> | undefined;
afterEach(async () => {
  await bench?.edges.close();
  await bench?.sites.room.close();
  bench = undefined;
});

/** The API on edges in memory; `Authorization` names the role. */
function testApi() {
  const made = (bench = testEdges());
  made.logins.read = (text) => [
    {
      kind: 'kubernetes',
      name: 'ctx',
      login: loginSchemas.kubernetes.parse({ server: text.trim(), method: 'token' }),
      secret: 'the token',
      missing: [],
      current: true,
    },
  ];
  const app = restApp(
    houseWith({
      db: made.db,
      log: { error: () => undefined },
      operations: { edges: made.edges },
      access: {
        actorOf: (headers: Headers) => {
          const role = (headers.get('authorization') ?? 'guest') as Role;
          const who = { role, name: role, scopes, via: 'session' as const };
          return Promise.resolve(role === 'guest' ? { ...who, userId: undefined } : { ...who, userId: role });
        },
      },
    } as unknown as Partial<House>),
  );
  const ask = async (method: string, path: string, as: Role, body?: unknown) => {
    const form = body instanceof FormData;
    const answer = await app.request(path, {
      method,
      headers: { authorization: as, ...(!form && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: form ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const json = answer.headers.get('content-type')?.includes('json') === true;
    return { status: answer.status, text, json: json ? (JSON.parse(text) as Json) : {} };
  };
  return { ...made, ask };
}

describe('edges over REST', () => {
  it('are listed by label, read, changed and looked at', async () => {
    const { ask, addCluster } = testApi();
    const { id } = await addCluster('Pier');
    await addCluster('Quay');
    const registry = { url: 'http://127.0.0.1:5000', user: 'u', password: 'sesame' };
    expect((await ask('PATCH', `/api/v1/edges/${id}`, 'developer', {})).status).toBe(403);
    expect((await ask('PATCH', `/api/v1/edges/${id}`, 'operator', { registry })).status).toBe(403);
    const changed = await ask('PATCH', `/api/v1/edges/${id}`, 'admin', {
      labels: { region: 'north' },
      registry,
    });
    expect(changed.json).toMatchObject({ name: 'Pier', registry: { hasPassword: true } });
    const names = async (query: string) => {
      const { json } = await ask('GET', `/api/v1/edges${query}`, 'developer');
      return (json.edges as Json[]).map(({ name }) => name);
    };
    expect(await names('')).toEqual(['Pier', 'Quay']);
    expect(await names('?label=region%3Dnorth')).toEqual(['Pier']);
    expect(await names('?label=region&label=tier')).toEqual([]);
    const looked = await ask('POST', `/api/v1/edges/${id}/check`, 'operator');
    expect(looked.json).toMatchObject({
      health: { state: 'well' },
      capacity: { cpus: { total: 4, used: 2 } },
    });
    const one = await ask('GET', `/api/v1/edges/${id}`, 'developer');
    expect(one.text).not.toContain('sesame');
    expect((await ask('GET', '/api/v1/edges/none', 'developer')).status).toBe(404);
    expect((await ask('GET', '/api/v1/edges', 'guest')).status).toBe(401);
  });

  it('come many from one file', async () => {
    const { ask, edges } = testApi();
    const file = { format: 'csv', text: 'name,kind,endpoint\nShed,docker,unix:///run/docker.sock\n' };
    expect((await ask('POST', '/api/v1/edges/import/preview', 'operator', file)).status).toBe(403);
    const preview = await ask('POST', '/api/v1/edges/import/preview', 'admin', file);
    expect(preview.json).toMatchObject({ edges: [{ line: 2, outcome: 'create' }] });
    expect(edges.list()).toEqual([]);
    expect((await ask('POST', '/api/v1/edges/import', 'admin', file)).json).toMatchObject({
      edges: [{ outcome: 'create', edgeId: edges.list()[0]?.id }],
    });
    const broken = await ask('POST', '/api/v1/edges/import', 'admin', {
      format: 'csv',
      text: 'a,b\n1,2,3\n',
    });
    expect(broken).toMatchObject({ status: 422, json: { key: 'edges.import.badCsv', params: { line: 2 } } });
  });
});

describe.each(['/inventory/v1', '/inventory/v1/tenants/18db0283-3c67-4042-a708-a8e4a10c6b32'])(
  'EdgeGallery’s hosts below %s',
  (base) => {
    const body = {
      mechostIp: '192.0.2.10',
      mechostName: 'edge-1',
      zipCode: '710000',
      city: 'Xian',
      address: 'Gaoxin Road 1',
      affinity: 'X86',
      userName: 'root',
      mepmIp: '192.0.2.1',
      coordinates: '108.9,34.2',
      hwcapabilities: [{ hwType: 'GPU', hwVendor: 'vendor', hwModel: 'model' }],
      vim: 'K8S',
    };
    const config = () => {
      const form = new FormData();
      form.set('hostIp', '192.0.2.10');
      form.set('file', new File(['https://192.0.2.10:6443\n'], 'kubeconfig'));
      return form;
    };

    it('are added, configured, read, changed and removed as its clients do', async () => {
      const { ask, edges } = testApi();
      expect((await ask('POST', `${base}/mechosts`, 'operator', body)).status).toBe(403);
      expect(await ask('POST', `${base}/mechosts`, 'admin', body)).toMatchObject({
        status: 200,
        json: { response: 'Saved' },
      });
      const waiting = { ...body, applcmIp: '', appRuleIp: '', configUploadStatus: null };
      expect((await ask('GET', `${base}/mechosts`, 'developer')).json).toEqual([waiting]);
      const sent = await ask('POST', `${base}/mechosts/192.0.2.10/k8sconfig`, 'admin', config());
      expect(sent).toMatchObject({ status: 200, text: 'Uploaded' });
      expect((await ask('GET', `${base}/mechosts/192.0.2.10`, 'developer')).json).toEqual({
        ...waiting,
        configUploadStatus: 'Uploaded',
      });
      expect(edges.list()).toMatchObject([{ name: 'edge-1', kind: 'kubernetes' }]);
      const change = { ...body, mechostName: 'edge-2', configUploadStatus: 'Uploaded' };
      expect((await ask('PUT', `${base}/mechosts/192.0.2.10`, 'admin', change)).json).toEqual({
        response: 'Updated',
      });
      expect(edges.list()).toMatchObject([{ name: 'edge-2' }]);
      const taken = await ask('DELETE', `${base}/mechosts/192.0.2.10/k8sconfig`, 'admin');
      expect(taken).toMatchObject({ status: 200, text: 'Deleted' });
      expect(edges.list()).toEqual([]);
      expect((await ask('DELETE', `${base}/mechosts/192.0.2.10`, 'admin')).json).toEqual({
        response: 'Deleted',
      });
      expect((await ask('GET', `${base}/mechosts/192.0.2.10`, 'developer')).status).toBe(404);
      expect((await ask('GET', `${base}/mechosts`, 'developer')).json).toEqual([]);
    });

    it('are refused with the reason', async () => {
      const { ask } = testApi();
      expect((await ask('POST', `${base}/mechosts`, 'admin', { ...body, mechostIp: 'nowhere' })).status).toBe(
        422,
      );
      expect((await ask('POST', `${base}/mechosts`, 'admin', { ...body, vim: 'VMware' })).status).toBe(422);
      const unknown = await ask('POST', `${base}/mechosts/192.0.2.10/k8sconfig`, 'admin', config());
      expect(unknown).toMatchObject({ status: 404, json: { key: 'edges.errors.noHost' } });
      await ask('POST', `${base}/mechosts`, 'admin', body);
      expect((await ask('POST', `${base}/mechosts`, 'admin', body)).status).toBe(409);
      const empty = await ask('POST', `${base}/mechosts/192.0.2.10/k8sconfig`, 'admin', new FormData());
      expect(empty.status).toBe(422);
      const large = config();
      large.set('file', new File(['x'.repeat(600_000)], 'kubeconfig'));
      const tooLarge = await ask('POST', `${base}/mechosts/192.0.2.10/k8sconfig`, 'admin', large);
      expect(tooLarge).toMatchObject({ status: 413, json: { key: 'edges.errors.configTooLarge' } });
    });
  },
);
