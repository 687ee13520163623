import type { V1Node, V1Pod } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../problem';
import type { SiteEvent } from '../site';
import { standOf, watchNodes } from './lost-nodes';
import { removeNamespaces } from './namespaces';
import type { Snapshot } from './snapshot';
import { statusOf } from './status';
import type { Ask, Cluster } from './wire';

const nothing: Snapshot = {
  deployments: [],
  replicaSets: [],
  statefulSets: [],
  daemonSets: [],
  jobs: [],
  pods: [],
  services: [],
  ingresses: [],
};

/** As the node lifecycle controller leaves one whose kubelet stopped, and as a kubelet writes it. */
function nodeOf(name: string, ready: boolean): V1Node {
  const condition = ready
    ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
    : {
        type: 'Ready',
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
      };
  return { metadata: { name }, status: { conditions: [condition] } };
}

function podOf(
  name: string,
  nodeName: string,
  more: { ready?: boolean; set?: string; going?: boolean } = {},
): V1Pod {
  const { ready = false, set, going = false } = more;
  return {
    metadata: {
      name,
      ...(going && { deletionTimestamp: new Date('2026-01-01T00:00:00Z') }),
      ...(set && {
        ownerReferences: [{ apiVersion: 'apps/v1', kind: set, name: 'web', uid: 'u', controller: true }],
      }),
    },
    spec: { nodeName, containers: [{ name: 'web', image: 'registry.test/web@sha256:1' }] },
    status: {
      phase: ready ? 'Running' : 'Pending',
      conditions: [
        { type: 'PodScheduled', status: 'True' },
        { type: 'Ready', status: ready ? 'True' : 'False' },
      ],
    },
  };
}

/** A cluster of which only nodes are asked; those that are named are not ready. */
function clusterOf(dead: Set<string>) {
  return {
    find: <T>({ path }: Ask) => {
      const name = path.replace('/api/v1/nodes/', '');
      return Promise.resolve(nodeOf(name, !dead.has(name)) as T);
    },
  };
}

function watched(pods: V1Pod[], dead = new Set(['n2'])) {
  let now = 0;
  const told: SiteEvent[] = [];
  const watch = watchNodes(
    clusterOf(dead),
    (event) => void told.push(event),
    () => now,
  );
  const seen = { ...nothing, pods };
  const { parts } = statusOf(seen, undefined);
  const at = (seconds: number) => {
    now = 1_000_000 + seconds * 1000;
    return watch.look(seen, parts, undefined);
  };
  return { at, told };
}

describe('a node that dies under a pod', () => {
  it('is named at once, and after a minute nobody waits for it any more', async () => {
    const { at, told } = watched([podOf('web-1', 'n2', { set: 'ReplicaSet' })]);
    await at(0);
    const detail = 'NodeStatusUnknown: Kubelet stopped posting node status.';
    expect(told).toEqual([{ event: 'nodeAway', params: { node: 'n2' }, detail }]);
    await at(59);
    await expect(at(65)).rejects.toMatchObject({
      code: 'failed',
      key: 'workloads.errors.nodeLost',
      params: { part: 'web-1', node: 'n2' },
      detail,
    });
    expect(told).toHaveLength(1);
  });

  it('that is back in time is waited for as before', async () => {
    const dead = new Set(['n2']);
    const { at, told } = watched([podOf('web-1', 'n2')], dead);
    await at(0);
    dead.clear();
    await at(30);
    dead.add('n2');
    await at(70);
    await at(120);
    expect(told.map(({ event }) => event)).toEqual(['nodeAway', 'nodeBack', 'nodeAway']);
  });

  it('is waited for where the others of its deployment serve: it is moved', async () => {
    const web = { set: 'ReplicaSet' };
    const { at, told } = watched([podOf('web-1', 'n1', { ...web, ready: true }), podOf('web-2', 'n2', web)]);
    await at(0);
    await at(200);
    expect(told).toHaveLength(1);
  });

  it('is not waited for by a stateful set, whose pods stay where they are', async () => {
    const db = { set: 'StatefulSet' };
    const { at } = watched([podOf('db-0', 'n1', { ...db, ready: true }), podOf('db-1', 'n2', db)]);
    await at(0);
    await expect(at(65)).rejects.toMatchObject({ params: { part: 'db-1', node: 'n2' } });
  });

  it('is not looked for by who may not look at nodes', async () => {
    const seen = { ...nothing, pods: [podOf('web-1', 'n2')] };
    const forbids = () => Promise.reject(new Problem('forbidden', 'workloads.errors.clusterForbids'));
    const watch = watchNodes({ find: forbids });
    await watch.look(seen, statusOf(seen, undefined).parts, undefined);
  });
});

describe('a pod that goes and whose node is dead', () => {
  const seen = {
    ...nothing,
    pods: [podOf('web-1', 'n1', { ready: true }), podOf('web-0', 'n2', { going: true })],
  };

  it('does not keep a workload from being ready; on a node that lives it does', async () => {
    expect((await standOf(clusterOf(new Set(['n2'])), seen, undefined, undefined)).ready).toBe(true);
    expect((await standOf(clusterOf(new Set()), seen, undefined, undefined)).ready).toBe(false);
  });

  /** Removes a namespace whose pods go, at each look a while later, until a pod of it was let go of. */
  async function letGo(dead: (looks: number) => Set<string>, secondsBetween: number) {
    const going = { going: true };
    const pods = [podOf('web-0', 'n2', going), podOf('web-2', 'n2', going), podOf('web-1', 'n1', going)];
    const removed: string[] = [];
    const asked: string[] = [];
    let looks = 0;
    const ask = () => {
      const items = removed.length > 0 ? [] : [{ metadata: { name: 'shop', deletionTimestamp: 'now' } }];
      return Promise.resolve({ items });
    };
    const find = <T>(question: Ask) => {
      if (question.method === 'DELETE') {
        removed.push(`${question.path} ${JSON.stringify(question.query)}`);
      } else if (question.path.endsWith('/pods')) {
        looks += 1;
        return Promise.resolve({ items: pods } as T);
      } else asked.push(`${looks} ${question.path}`);
      return clusterOf(dead(looks)).find<T>(question);
    };
    const clock = () => looks * secondsBetween * 1000;
    await removeNamespaces({ ask, find } as unknown as Cluster, 'a=b', undefined, { clock, everyMs: 1 });
    return { removed, asked, looks };
  }
  const gone = ['web-0', 'web-2'].map(
    (pod) => `/api/v1/namespaces/shop/pods/${pod} {"gracePeriodSeconds":0}`,
  );

  it('does not keep its namespace for more than a minute', async () => {
    const { removed, asked, looks } = await letGo(() => new Set(['n2']), 61);
    expect(removed).toEqual(gone);
    expect(looks).toBe(2);
    expect(asked).toEqual([1, 2].flatMap((look) => ['n2', 'n1'].map((n) => `${look} /api/v1/nodes/${n}`)));
  });

  it('is waited for anew once the node was back', async () => {
    const { removed, looks } = await letGo((look) => new Set(look === 2 ? [] : ['n2']), 40);
    expect(removed).toEqual(gone);
    expect(looks).toBe(5);
  });
});
