import {
  fakeSiteOf,
  memoryRegistry,
  operator,
  testDistributions,
  testEdge,
  testRelease,
} from '../server/operations/distribution/testing';
import type { FakeWorkloadSite } from '../server/sites/fake/fake-workloads';
import type { Measure } from './measure';

const edgeCount = 200;
const releaseCount = 100;
/** Of five edges and five releases one is of VMs. */
const isVm = (index: number) => index % 5 === 4;
const piecesOfDisk = 2000;
const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

/** The plan of many releases at many edges, which are in memory: what is measured is our own work, not theirs. */
export async function measurePlan(): Promise<Measure[]> {
  const home = memoryRegistry();
  const releases = Array.from({ length: releaseCount }, (_, index) => release(home, index));
  const edges = Array.from({ length: edgeCount }, (_, index) =>
    testEdge({ id: `edge-${index}`, runs: isVm(index) ? 'vms' : 'containers', speed: 1e7 }),
  );
  const sites = edges.map((edge) => fakeSiteOf(edge));
  for (const [index, site] of sites.entries()) {
    if (isVm(index)) continue;
    const { held } = (site as FakeWorkloadSite).controls;
    // What is there of the releases, and as many images of others.
    for (const [number, { images }] of releases.entries()) {
      if ((index + number) % 3 === 0) for (const { digest } of images) held.add(digest ?? '');
      held.add(`sha256:of-others-${index}-${number}`);
    }
  }
  const { room, db } = testDistributions({ edges, releases, home, sites });
  const before = process.memoryUsage().rss;
  const wish = { releaseIds: releases.map(({ id }) => id), edgeIds: edges.map(({ id }) => id) };
  const took = async (fresh: boolean) => {
    const start = performance.now();
    const { cells } = await room.plan(operator, { ...wish, fresh });
    if (cells.length !== edgeCount * releaseCount) throw new Error('the plan is not whole');
    return performance.now() - start;
  };
  try {
    const first = await took(true);
    const again = Math.max(await took(true), await took(true), await took(true));
    const kept = await took(false);
    const grown = (process.memoryUsage().rss - before) / 1e6;
    const work = `plan of ${releaseCount} releases at ${edgeCount} edges`;
    const line = (what: string, ms: number): Measure => ({
      work: `${work}, ${what}`,
      ours: seconds(ms),
      theirs: '–',
      ratio: ms / 1000,
      target: { atMost: 2 },
    });
    return [
      line('first', first),
      line('asked anew', again),
      line('within a minute', kept),
      {
        work: `${work}: memory (MB)`,
        ours: grown.toFixed(0),
        theirs: '–',
        ratio: grown,
        target: { atMost: 200 },
      },
    ];
  } finally {
    db.$client.close();
  }
}

function release(home: ReturnType<typeof memoryRegistry>, index: number) {
  const name = `app-${Math.floor(index / 4)}`;
  const facts = { id: `rel-${index}`, name, version: `1.${index % 4}`, publishedAt: 1000 + index };
  if (isVm(index)) {
    // Four of five pieces are those of every disk.
    const pieces = Object.fromEntries(
      Array.from({ length: piecesOfDisk }, (_, at) => [
        at % 5 === 0 ? `${index} ${at}` : `base ${at}`,
        500_000,
      ]),
    );
    return testRelease({ ...facts, kind: 'vm', name: `${name}-vm` }, [home.add(`disks/${index}`, pieces)]);
  }
  const image = (part: string) => {
    const layers = Array.from({ length: 8 }, (_, at) =>
      at < 6 ? `${part} ${at}` : `${part} ${index} ${at}`,
    );
    return home.add(`${name}/${part}`, Object.fromEntries(layers.map((layer) => [layer, 10_000_000])));
  };
  return testRelease(facts, [image('web'), image('worker')]);
}
