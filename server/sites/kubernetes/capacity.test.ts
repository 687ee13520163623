import type { V1Node, V1Pod } from '@kubernetes/client-node';
import { expect, it } from 'vitest';
import { Problem } from '../../problem';
import { readCapacity } from './capacity';
import type { Ask, Cluster } from './wire';

const gib = 1024 ** 3;

function node(name: string, ready: 'True' | 'False' | 'Unknown'): V1Node {
  return {
    metadata: { name },
    status: {
      allocatable: { cpu: '1900m', memory: '2Gi' },
      conditions: [
        { type: 'MemoryPressure', status: 'False' },
        { type: 'Ready', status: ready, reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting.' },
      ],
    },
  };
}

function pod(nodeName: string, containers: [string, string][], before: [string, string][] = []): V1Pod {
  const named = (all: [string, string][]) =>
    all.map(([cpu, memory], index) => ({ name: `c${index}`, resources: { requests: { cpu, memory } } }));
  return { spec: { nodeName, containers: named(containers), initContainers: named(before) } };
}

/** A cluster whose API server answers by path; kubelets are asked through it. */
function clusterWith(answers: Record<string, unknown>) {
  const asked: Ask[] = [];
  const cluster = {
    at: 'https://cluster.test',
    ask: async (ask: Ask) => {
      asked.push(ask);
      ask.signal?.throwIfAborted();
      const answer = answers[ask.path];
      if (answer === undefined) throw new Problem('forbidden', 'workloads.errors.clusterForbids');
      return answer;
    },
  } as unknown as Cluster;
  return { cluster, asked };
}

const nodes = { items: [node('a', 'True'), node('b', 'Unknown')] };

it('counts what pods asked for on each node, and the greediest of those that run before the others', async () => {
  const pods = [
    pod('a', [
      ['250m', '128Mi'],
      ['0.5', '256Mi'],
    ]),
    pod('a', [['100m', '64Mi']], [['1', '32Mi']]),
    pod('b', [['1', '1Gi']]),
    { spec: { nodeName: 'a', containers: [{ name: 'asks-nothing' }] } },
  ];
  const { cluster, asked } = clusterWith({ '/api/v1/nodes': nodes, '/api/v1/pods': { items: pods } });
  const { nodes: seen } = await readCapacity(cluster, undefined);
  expect(seen).toEqual([
    {
      name: 'a',
      ready: true,
      reason: '',
      cpus: 1.9,
      memoryMiB: 2048,
      usedCpus: 1.75,
      usedMemoryMiB: 448,
      diskGiB: undefined,
      freeDiskGiB: undefined,
    },
    expect.objectContaining({
      name: 'b',
      ready: false,
      reason: 'NodeStatusUnknown: Kubelet stopped posting.',
      usedCpus: 1,
    }),
  ]);
  expect(asked.find(({ path }) => path === '/api/v1/pods')?.query).toEqual({
    fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed,spec.nodeName!=',
  });
});

it('tells the disk that images are on, of nodes that are ready and whose kubelet may be asked', async () => {
  const summary = {
    node: {
      fs: { capacityBytes: 1 },
      runtime: { imageFs: { capacityBytes: 100 * gib, availableBytes: 25.5 * gib } },
    },
  };
  const { cluster, asked } = clusterWith({
    '/api/v1/nodes': nodes,
    '/api/v1/pods': { items: [] },
    '/api/v1/nodes/a/proxy/stats/summary': summary,
  });
  const { nodes: seen } = await readCapacity(cluster, undefined);
  expect(seen[0]).toMatchObject({ diskGiB: 100, freeDiskGiB: 25.5 });
  expect(asked.some(({ path }) => path.includes('/nodes/b/'))).toBe(false);
});

it('says that the login may not see the nodes', async () => {
  const { cluster } = clusterWith({ '/api/v1/pods': { items: [] } });
  await expect(readCapacity(cluster, undefined)).rejects.toMatchObject({ code: 'forbidden' });
});

it('ends with its signal', async () => {
  const { cluster } = clusterWith({ '/api/v1/nodes': nodes, '/api/v1/pods': { items: [] } });
  await expect(readCapacity(cluster, AbortSignal.abort())).rejects.toThrow();
});
