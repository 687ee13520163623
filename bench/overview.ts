import pino from 'pino';
import { openDeployments } from '../server/operations/deployments/deployments';
import { openDeploymentRows } from '../server/operations/deployments/deployment-rows';
import type { DeploymentPorts } from '../server/operations/deployments/ports';
import { openDistributionRows } from '../server/operations/distribution/distribution-rows';
import {
  memoryRegistry,
  operator,
  testDistributions,
  testEdge,
  testRelease,
} from '../server/operations/distribution/testing';
import { openOverview } from '../server/operations/overview/overview';
import { openEvents } from '../server/jobs/events';
import { siteRegistry } from '../server/sites/registry';
import type { Measure } from './measure';

const edgeCount = 200;
const releaseCount = 100;
/** Every release went to every edge so often; of the last time every tenth failed. */
const runs = 3;
const deploymentCount = 4000;
/** Letters of the values and the template that one deployment keeps. */
const textLength = 20_000;

/** The overview of many releases at many edges that have a past: rows as they are after years. */
export function measureOverview(): Measure[] {
  const home = memoryRegistry();
  const releases = Array.from({ length: releaseCount }, (_, index) =>
    testRelease({ id: `rel-${index}`, name: `app-${Math.floor(index / 4)}`, publishedAt: index }, [
      home.add(`app-${index}`, { base: 1000 }),
    ]),
  );
  const edges = Array.from({ length: edgeCount }, (_, index) => testEdge({ id: `edge-${index}` }));
  const { room, db, jobs } = testDistributions({ edges, releases, home });
  const events = openEvents();
  const log = pino({ level: 'silent' });
  const none = () => undefined;
  const deployments = openDeployments({
    db,
    jobs,
    events,
    log,
    sites: siteRegistry([]),
    secrets: { put: none, read: none, has: () => false, remove: none },
  } as unknown as DeploymentPorts);
  fill(db, releases, edges);
  const overview = openOverview({
    log,
    edges: { list: () => edges, check: () => Promise.reject(new Error('nothing is looked at here')) },
    sync: () => ({ releases: () => releases, start: () => [] }),
    distributions: room,
    deployments,
  });
  const once = () => {
    const start = performance.now();
    const { totals } = overview.get(operator);
    if (totals.placed !== edgeCount * releaseCount) throw new Error('the overview is not whole');
    return performance.now() - start;
  };
  try {
    const times = Array.from({ length: 5 }, once);
    const ms = Math.max(...times.slice(1));
    return [
      {
        work: `overview of ${releaseCount} releases at ${edgeCount} edges, ${deploymentCount} deployments`,
        ours: `${ms.toFixed(0)} ms`,
        theirs: '–',
        ratio: ms / 1000,
        target: { atMost: 0.2 },
      },
    ];
  } finally {
    db.$client.close();
  }
}

type Bench = ReturnType<typeof testDistributions>;

function fill(
  db: Bench['db'],
  releases: readonly ReturnType<typeof testRelease>[],
  edges: readonly ReturnType<typeof testEdge>[],
): void {
  const events = openEvents();
  const rows = openDistributionRows({ db, events });
  const pairs = releases.flatMap(({ id, images }) => edges.map((edge) => ({ id, images, edgeId: edge.id })));
  db.transaction(() => {
    for (let run = 0; run < runs; run++) {
      const distributionId = `run-${run}`;
      const keys = pairs.map(({ id, edgeId }) => ({ distributionId, releaseId: id, edgeId, anyway: false }));
      const created = { requestKey: null, createdBy: 'op', createdByName: 'op', createdAt: run };
      rows.insert({ id: distributionId, releases: [], edges: [], ...created }, keys);
      for (const [index, key] of keys.entries()) {
        const failed = run === runs - 1 && index % 10 === 0;
        const problem = {
          code: 'failed',
          key: 'workloads.errors.imagePull',
          params: { image: 'web' },
        } as const;
        rows.writeCell(key, failed ? { state: 'failed', problem } : { state: 'done', bytesMoved: 1000 });
      }
    }
    for (const { id, images, edgeId } of pairs) {
      const proved = images.map(({ name, digest }) => ({ name, digest: digest ?? '', siteImageId: null }));
      rows.place({ releaseId: id, edgeId, images: proved, verifiedAt: 1 });
    }
  });
  fillDeployments(db, releases, edges);
}

function fillDeployments(
  db: Bench['db'],
  releases: readonly { id: string }[],
  edges: readonly { id: string }[],
): void {
  const secrets = { put: () => undefined, read: () => undefined, has: () => false, remove: () => undefined };
  const rows = openDeploymentRows({ db, events: openEvents(), secrets });
  const text = 'replicas: 2\n'.repeat(textLength / 12);
  db.transaction(() => {
    for (let index = 0; index < deploymentCount; index++)
      rows.insert({
        id: `dep-${index}`,
        name: `web-${index}`,
        runs: 'workload',
        releaseId: releases[index % releaseCount]?.id ?? '',
        revisions: [],
        parts: [],
        endpoints: [],
        values: text,
        packageId: 'pkg',
        packageName: 'Web',
        packageVersion: '1.0',
        projectId: null,
        siteId: edges[index % edgeCount]?.id ?? '',
        siteName: 'Edge',
        stackRef: null,
        state: index % 20 === 0 ? 'notReady' : 'ready',
        reason: '',
        template: text,
        parameters: {},
        images: {},
        outputs: [],
        resources: [],
        jobId: null,
        createdBy: 'op',
        createdByName: 'op',
        createdAt: index,
      });
  });
}
