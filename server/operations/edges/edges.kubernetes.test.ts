import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import pino from 'pino';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import {
  kubeconfigOf,
  startCluster,
  stopPart,
  type ClusterName,
} from '../../../e2e/stacks/kubernetes/clusters';
import { kubernetesKind } from '../../sites/kubernetes/kind';
import { admin } from '../../sites/testing';
import { testEdges } from './testing';

/** A wire to a server that can be cut, or hold what comes over it. */
async function openWire(to: URL) {
  const sockets = new Set<Socket>();
  let held = false;
  const server = createServer((near) => {
    const far = connect(Number(to.port), to.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('data', (bytes) => void (held || other.write(bytes)));
      one.on('close', () => void other.destroy());
      one.on('error', () => void other.destroy());
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    hold: () => {
      held = true;
    },
    cut: async () => {
      const closed = once(server.close(), 'close');
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    mend: async () => {
      held = false;
      await once(server.listen(port, '127.0.0.1'), 'listening');
    },
  };
}

const limitMs = 5_000;
const log = pino({ level: 'silent' });
let bench: ReturnType<typeof testEdges>;
beforeAll(() => {
  bench = testEdges({ limitMs }, { kubernetes: kubernetesKind({ log }) });
});
afterAll(async () => {
  await bench.edges.close();
  await bench.sites.room.close();
});

interface Kubeconfig {
  clusters: [{ cluster: { server: string } }];
  users: [{ user: object }];
}
const parsed = (name: ClusterName) => parse(kubeconfigOf(name)) as Kubeconfig;
const idOf = (name: string) => bench.edges.list().find((edge) => edge.name === name)?.id ?? '';

it('comes from a file with kubeconfigs in it, is well, and tells what its nodes have', async () => {
  const names = ['edge1', 'edge2'] as const;
  const entries = names.map((name) => ({ name, kind: 'kubernetes', login: kubeconfigOf(name) }));
  const text = stringify(entries);
  const made = bench.edges.import(admin, { format: 'yaml', text });
  expect(made.map(({ outcome }) => outcome)).toEqual(['create', 'create']);
  await bench.sites.room.registry.workloadOpened(idOf('edge1'));
  const { health, capacity } = await bench.edges.check(idOf('edge1'));
  expect(health).toMatchObject({ state: 'well', problem: null });
  expect(capacity?.nodes).toHaveLength(2);
  expect(capacity?.cpus.total).toBeGreaterThan(0);
  expect(capacity?.memoryMiB.used).toBeGreaterThanOrEqual(0);
  // The administrator may ask the kubelets.
  expect(capacity?.diskGiB?.total).toBeGreaterThan(0);
  expect(capacity?.nodes.every(({ freeDiskGiB }) => (freeDiskGiB ?? 0) > 0)).toBe(true);
});

it('is under EdgeGallery’s inventory with the address of its API', () => {
  const [{ cluster }] = parsed('edge1').clusters;
  const host = bench.edges.mecHosts.list().find(({ mechostName }) => mechostName === 'edge1');
  expect(host).toMatchObject({ vim: 'K8S', configUploadStatus: 'Uploaded' });
  expect(host?.mechostIp.startsWith(new URL(cluster.server).hostname)).toBe(true);
});

it('says which node is not ready, in the cluster’s own words', async () => {
  onTestFinished(() => startCluster('edge1'));
  await stopPart('edge1', 'edge1-n2');
  await vi.waitFor(
    async () => {
      const { health } = await bench.edges.check(idOf('edge1'));
      expect(health).toMatchObject({
        state: 'unwell',
        problem: { key: 'edges.health.someNodes', params: { count: 1, all: 2, names: 'edge1-n2' } },
      });
      expect(health.problem?.detail).toContain('NodeStatusUnknown');
    },
    { timeout: 120_000, interval: 2_000 },
  );
});

it('says that the wire is cut, or that nothing comes over it, and keeps what was known', async () => {
  const kubeconfig = parsed('edge2');
  const [{ cluster }] = kubeconfig.clusters;
  const wire = await openWire(new URL(cluster.server));
  cluster.server = `https://127.0.0.1:${wire.port}`;
  const entry = { name: 'wired', kind: 'kubernetes', login: stringify(kubeconfig) };
  bench.edges.import(admin, { format: 'yaml', text: stringify([entry]) });
  await bench.sites.room.registry.workloadOpened(idOf('wired'));
  expect((await bench.edges.check(idOf('wired'))).health.state).toBe('well');
  wire.hold();
  expect((await bench.edges.check(idOf('wired'))).health).toMatchObject({
    state: 'unwell',
    problem: { key: 'edges.health.tooSlow', params: { seconds: limitMs / 1000 } },
  });
  expect((await bench.edges.check(idOf('edge2'))).health.state).toBe('well');
  await wire.cut();
  const away = await bench.edges.check(idOf('wired'));
  expect(away.health).toMatchObject({ state: 'unwell', problem: { code: 'unavailable' } });
  expect(away.health.problem?.key).not.toBe('edges.health.tooSlow');
  expect(away.capacity?.nodes).toHaveLength(1);
  await wire.mend();
  await vi.waitFor(async () => expect((await bench.edges.check(idOf('wired'))).health.state).toBe('well'), {
    timeout: 30_000,
    interval: 500,
  });
  await wire.cut();
});

it('says that a login is not taken any more', async () => {
  const kubeconfig = parsed('edge2');
  kubeconfig.users[0].user = { token: 'no-such-token' };
  const entry = { name: 'edge2', kind: 'kubernetes', login: stringify(kubeconfig) };
  const text = stringify([entry]);
  expect(bench.edges.import(admin, { format: 'yaml', text })).toMatchObject([{ outcome: 'update' }]);
  await vi.waitFor(() =>
    expect(bench.edges.get(idOf('edge2')).health).toMatchObject({
      state: 'unwell',
      problem: { code: 'forbidden', key: 'workloads.errors.clusterLogin' },
    }),
  );
});
