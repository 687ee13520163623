import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { guest, type Actor } from '../../access/actor';
import { readConfig } from '../../config';
import type { House } from '../../house';
import { developer, operator, testDeployments } from '../../operations/deployments/testing';
import { Problem } from '../../problem';
import { houseWith } from '../testing';
import { restApp } from './app';

const tenant = '/appo/v1/tenants/12db0288-3c67-4042-a708-a8e4a10c6b31';
const hosts: Record<string, string> = { '10.0.0.1': 'north', '10.0.0.2': 'south', '10.0.0.3': 'cloud' };
const capacity = {
  cpus: { total: 8, used: 2 },
  memoryMiB: { total: 1024, used: 256 },
  diskGiB: null,
  nodes: [],
};

let at: ReturnType<typeof testDeployments>;
let app: ReturnType<typeof restApp>;
beforeEach(() => {
  at = testDeployments();
  const actors: Record<string, Actor> = { operator, developer };
  app = restApp(
    houseWith({
      config: readConfig({ EDGEYARD_DATA: '/nowhere', EDGEYARD_LOG: 'silent' }),
      log: { error: () => undefined },
      db: at.db,
      jobs: at.jobs,
      access: {
        actorOf: (headers: Headers) => Promise.resolve(actors[headers.get('access_token') ?? ''] ?? guest),
      },
      operations: {
        deployments: at.room,
        sync: { releases: () => at.releases, release: at.release },
        edges: {
          mecHosts: {
            edgeOf: (ip: string) => {
              const id = hosts[ip];
              if (id === undefined) throw new Problem('not_found', 'edges.errors.noEdge');
              return { id, capacity };
            },
            ipOf: (id: string) => Object.entries(hosts).find(([, edge]) => edge === id)?.[0],
          },
        },
      },
    } as unknown as Partial<House>),
  );
});
afterEach(() => at.close());

/** As EdgeGallery's pages call: with the token in its own header. */
async function call(method: string, path: string, body?: unknown, token = 'operator') {
  const response = await app.request(`${tenant}${path}`, {
    method,
    headers: { access_token: token, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: (text === '' ? undefined : JSON.parse(text)) as Record<string, unknown>,
  };
}

const wish = {
  appId: 'app-Web',
  appPackageId: 'rel-web1',
  appName: 'face_recognition',
  appInstanceDescription: 'at the door',
  mecHost: '10.0.0.1',
  hwCapabilities: ['GPU'],
};
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function created(body: unknown = wish): Promise<string> {
  const answer = await call('POST', '/app_instances', body);
  expect(answer.status).toBe(202);
  const { app_instance_id: id } = (answer.body as { response: { app_instance_id: string } }).response;
  expect(answer.body).toEqual({ response: { app_instance_id: id } });
  expect(id).toMatch(uuid);
  return id;
}

const statusOf = async (id: string) =>
  (await call('GET', `/app_instance_infos/${id}`)).body as {
    response: { operationalStatus: string; operationInfo: string };
  };

it('an instance is created, instantiated, shown and terminated, field by field', async () => {
  const id = await created();
  const shown = {
    appInstanceId: id,
    appPackageId: 'rel-web1',
    appName: 'face_recognition',
    appId: 'app-Web',
    appDescriptor: 'at the door',
    mecHost: '10.0.0.1',
    applcmHost: '10.0.0.1',
    mepmHost: '10.0.0.1',
    operationalStatus: 'Created',
    operationInfo: 'success',
  };
  expect((await call('GET', '/app_instance_infos', undefined, 'developer')).body).toEqual({
    response: [shown],
  });
  expect((await call('GET', `/app_instances/${id}`)).body).toEqual({ response: '{"pods":[]}' });

  const begun = await call('POST', `/app_instances/${id}`, {
    parameters: { mepIp: '1.1.1.1', ak: 'a', sk: 's' },
  });
  expect(begun).toEqual({ status: 202, body: { response: 'Accepted' } });
  await vi.waitFor(async () => expect((await statusOf(id)).response.operationalStatus).toBe('Instantiated'));
  expect((await call('GET', `/app_instance_infos/${id}`)).body).toEqual({
    response: { ...shown, operationalStatus: 'Instantiated' },
  });
  expect(at.room.list(operator, {})).toMatchObject([{ name: 'face-recognition', siteId: 'north' }]);
  expect((await call('POST', `/app_instances/${id}`)).status).toBe(409);

  const { response } = (await call('GET', `/app_instances/${id}`)).body as { response: string };
  expect(JSON.parse(response)).toEqual({
    pods: [
      {
        podname: 'web-1',
        podstatus: 'Running',
        containers: [{ containername: 'web', metricsusage: { cpuusage: '', memusage: '', diskusage: '' } }],
      },
    ],
  });

  expect(await call('DELETE', `/app_instances/${id}`)).toEqual({
    status: 202,
    body: { response: 'Accepted' },
  });
  await vi.waitFor(async () => expect((await call('GET', `/app_instance_infos/${id}`)).status).toBe(404));
  expect((await call('GET', '/app_instance_infos')).body).toEqual({ response: [] });
  expect(at.room.list(operator, {})).toEqual([]);
});

it('several at once: each host tells what became of it', async () => {
  const { status, body } = await call('POST', '/app_instances/batch_create', {
    ...wish,
    mecHost: ['10.0.0.1', '10.0.0.2', '10.9.9.9'],
  });
  expect(status).toBe(202);
  const made = (body as { response: { applicationInstanceId: string; host: string; status: string }[] })
    .response;
  expect(made.map(({ host, status: word }) => [host, word === 'Created'])).toEqual([
    ['10.0.0.1', true],
    ['10.0.0.2', true],
    ['10.9.9.9', false],
  ]);
  const ids = made.slice(0, 2).map(({ applicationInstanceId }) => applicationInstanceId);
  const [first = '', second = ''] = ids;
  const accepted = [
    { applicationInstanceId: first, host: '10.0.0.1', status: 'Accepted' },
    { applicationInstanceId: second, host: '10.0.0.2', status: 'Accepted' },
  ];
  const later = await call('POST', '/app_instances/batch_instantiate', {
    instantiationParameters: [{ appInstanceId: first, parameters: { mepIp: '1' } }],
    appInstanceIds: [second],
  });
  expect(later).toEqual({ status: 202, body: { response: accepted } });
  for (const id of ids)
    await vi.waitFor(async () =>
      expect((await statusOf(id)).response.operationalStatus).toBe('Instantiated'),
    );
  const two = await call('GET', `/app_instance_infos?appInstId=${first}&appInstId=${second}`);
  expect((two.body as { response: unknown[] }).response).toHaveLength(2);
  const ended = await call('POST', '/app_instances/batch_terminate', { appInstanceIds: [...ids, 'none'] });
  expect(ended.body).toMatchObject({
    response: [
      ...accepted,
      { applicationInstanceId: 'none', host: '', status: expect.any(String) as string },
    ],
  });
  await vi.waitFor(() => expect(at.room.list(operator, {})).toEqual([]));
});

it('two of one name stand side by side; parameters of VMs get their types; refusals are told', async () => {
  const ids = [await created(), await created()];
  for (const id of ids) await call('POST', `/app_instances/${id}`);
  expect(at.room.list(operator, {}).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['face-recognition', expect.stringMatching(/^face-recognition-[0-9a-f]{8}$/)]),
  );

  const vm = await created({ appPackageId: 'rel-cam1', appName: 'cam', mecHost: '10.0.0.3' });
  expect((await call('POST', `/app_instances/${vm}`)).status).toBe(422);
  expect((await statusOf(vm)).response).toMatchObject({
    operationalStatus: 'Instantiate failed',
    operationInfo: expect.stringContaining('password') as string,
  });
  const again = await call('POST', `/app_instances/${vm}`, {
    parameters: { password: 'pass-word', mepIp: '1' },
  });
  expect(again.status).toBe(202);
  await vi.waitFor(async () => expect((await statusOf(vm)).response.operationalStatus).toBe('Instantiated'));
  const { response } = (await call('GET', `/app_instances/${vm}`)).body as { response: string };
  expect(JSON.parse(response)).toEqual({
    data: [{ vmId: 'vm-of-stack-1', vmName: 'front', status: 'RUNNING' }],
  });

  // Not brought to that host; no such package; nobody who may.
  expect(
    (
      await call('POST', '/app_instances', {
        ...wish,
        appId: 'app-Web',
        appPackageId: 'rel-web2',
        mecHost: '10.0.0.2',
      })
    ).status,
  ).toBe(409);
  expect((await call('POST', '/app_instances', { ...wish, appPackageId: 'none' })).status).toBe(404);
  expect((await call('POST', '/app_instances', wish, 'developer')).status).toBe(403);
  expect((await call('GET', '/app_instance_infos', undefined, '')).status).toBe(401);
});

it('a host tells what it has and uses', async () => {
  const { response } = (await call('GET', '/hosts/10.0.0.1/kpi')).body as { response: string };
  expect(JSON.parse(response)).toEqual({
    cpuusage: { total: '8', used: '2' },
    memusage: { total: String(2 ** 30), used: String(2 ** 28) },
    diskusage: { total: '0', used: '0' },
  });
  expect((await call('GET', '/hosts/10.9.9.9/kpi')).status).toBe(404);
});
