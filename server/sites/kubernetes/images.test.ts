import { expect, it } from 'vitest';
import type { SiteEvent } from '../site';
import { imageCache } from './images';
import type { Ask, Cluster } from './wire';

const image = `registry.test/web@sha256:${'1'.repeat(64)}`;
const nodeOf = (name: string, ready: boolean) => ({
  metadata: { name },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }] },
});
/** As a kubelet leaves a pod that it has the image for, and cannot start. */
const podOn = (nodeName: string, tried: boolean) => ({
  metadata: { name: `pull-${nodeName}` },
  spec: { nodeName, containers: [{ name: 'image-0', image }] },
  status: {
    containerStatuses: [
      {
        name: 'image-0',
        image,
        imageID: tried ? image : '',
        state: { waiting: { reason: tried ? 'RunContainerError' : 'ContainerCreating' } },
      },
    ],
  },
});

/** A cluster of these nodes, whose daemon set has a pod on each. */
function clusterOf(nodes: Record<string, boolean>): Cluster {
  const names = Object.keys(nodes);
  const answers: [RegExp, () => unknown][] = [
    [
      /\/daemonsets\/pull$/,
      () => ({ status: { observedGeneration: 1, desiredNumberScheduled: names.length } }),
    ],
    [/\/pods$/, () => ({ items: names.map((name) => podOn(name, nodes[name] === true)) })],
    [/\/nodes$/, () => ({ items: names.map((name) => nodeOf(name, nodes[name] === true)) })],
    [/\/namespaces\/edgeyard-pull-[0-9a-f]+$/, () => undefined],
    [/\/namespaces$/, () => ({ items: [] })],
    [/./, () => ({})],
  ];
  const ask = ({ path }: Ask) => Promise.resolve(answers.find(([of]) => of.test(path))?.[1]());
  return { at: 'cluster.test', ask, find: ask } as unknown as Cluster;
}

async function pulled(nodes: Record<string, boolean>) {
  const told: SiteEvent[] = [];
  const seen: [number, number][] = [];
  await imageCache(clusterOf(nodes), 1_000).pull([image], undefined, {
    report: (event) => void told.push(event),
    progress: (done, total) => void seen.push([done, total]),
  });
  return { told, seen };
}

it('leaves nodes out that are not ready, says which, and is done without them', async () => {
  const { told, seen } = await pulled({ n1: true, n2: false, n3: true });
  expect(told).toEqual([
    { event: 'nodesLeftOut', params: { count: 1, nodes: 'n2' } },
    { event: 'imagesOnNodes', params: { images: 1, nodes: 2 } },
  ]);
  expect(seen).toEqual([[2, 2]]);
});

it('says nothing of nodes where all are ready', async () => {
  const { told } = await pulled({ n1: true, n2: true });
  expect(told).toEqual([{ event: 'imagesOnNodes', params: { images: 1, nodes: 2 } }]);
});

it('ends where no node is ready', async () => {
  await expect(pulled({ n1: false })).rejects.toMatchObject({
    key: 'workloads.errors.noNodes',
    params: { at: 'cluster.test' },
  });
});
