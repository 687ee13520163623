/** What an operator's script does: syncing, planning, distributing, deploying. */
import type { Person } from './people';
import type { RestJob } from './rest';

interface Release {
  id: string;
  releaseId: string;
  state: string;
}

export interface SyncedHere {
  /** Id in operations. */
  id: string;
  storeReleaseId: string;
  result: { unchanged: boolean; bytesMoved: number; bytesKept: number; ms: number };
}

export interface Plan {
  cells: { releaseId: string; edgeId: string; stand: string; bytes: number }[];
}

export interface Distribution {
  id: string;
  state: string;
  cells: { releaseId: string; edgeId: string; state: string; bytesMoved: number; problem: unknown }[];
}

export interface Deployment {
  id: string;
  siteId: string;
  state: string;
  endpoints: { name: string; url: string }[];
  outputs: { name: string; value: string }[];
  resources: { name: string; type: string; status: string; id: string }[];
}

/** Reads the own store's catalogue and syncs a release of it. @param storeReleaseId the store's id of it */
export async function syncRelease(person: Person, storeReleaseId: string): Promise<SyncedHere> {
  const { stores } = await person.rest.expect<{ stores: { id: string; kind: string }[] }>(
    200,
    'GET',
    '/api/v1/stores',
  );
  const own = stores.find(({ kind }) => kind === 'own');
  const read = await person.rest.expect<RestJob>(202, 'POST', `/api/v1/stores/${own?.id}/refresh`);
  await person.rest.done(read.id);
  const { releases } = await person.rest.expect<{ releases: Release[] }>(200, 'GET', '/api/v1/releases');
  const id = releases.find(({ releaseId }) => releaseId === storeReleaseId)?.id ?? '';
  return { id, storeReleaseId, result: await syncNow(person, id) };
}

/** Syncs a release of the catalogue, and waits. */
export async function syncNow(person: Person, id: string): Promise<SyncedHere['result']> {
  const { jobs } = await person.rest.expect<{ jobs: RestJob[] }>(202, 'POST', '/api/v1/sync', {
    releaseIds: [id],
  });
  const done = await person.rest.done(jobs[0]?.id ?? '');
  return done.result as SyncedHere['result'];
}

/** Asks every edge anew. @returns the cells in the order of the edges */
export async function planFor(person: Person, releaseIds: string[], edgeIds: string[]): Promise<Plan> {
  const plan = await person.rest.expect<Plan>(200, 'POST', '/api/v1/distributions/plan', {
    releaseIds,
    edgeIds,
    fresh: true,
  });
  return { ...plan, cells: inOrder(plan.cells, edgeIds) };
}

/** Runs a distribution to its end. @returns it, its cells in the order of the edges */
export async function distribute(
  person: Person,
  releaseIds: string[],
  edgeIds: string[],
): Promise<Distribution> {
  const begun = await person.rest.expect<Distribution>(202, 'POST', '/api/v1/distributions', {
    releaseIds,
    edgeIds,
  });
  const ended = await person.rest.until(
    async () => (await person.rest.call<Distribution>('GET', `/api/v1/distributions/${begun.id}`)).body,
    ({ state }) => state !== 'running',
    240,
  );
  if (ended.state !== 'done') throw new Error(`the distribution did not succeed: ${JSON.stringify(ended)}`);
  return { ...ended, cells: inOrder(ended.cells, edgeIds) };
}

/** Deploys a release at edges, and waits until all of it is up. @returns the deployments */
export async function deployAt(
  person: Person,
  releaseId: string,
  edgeIds: string[],
  name: string,
  parameters: Record<string, string | number | boolean> = {},
): Promise<Deployment[]> {
  const { started, refused } = await person.rest.expect<{
    started: { deployment: Deployment; job: RestJob }[];
    refused: unknown[];
  }>(202, 'POST', '/api/v1/deployments/release', { releaseId, edgeIds, name, parameters });
  if (refused.length > 0) throw new Error(`edges refused: ${JSON.stringify(refused)}`);
  for (const { job } of started) await person.rest.done(job.id, 300);
  return started.map(({ deployment }) => deployment);
}

/** Waits until a deployment stands as it should. */
export async function untilDeployment(
  person: Person,
  id: string,
  holds: (deployment: Deployment) => boolean,
): Promise<Deployment> {
  return await person.rest.until(
    async () => (await person.rest.call<Deployment>('GET', `/api/v1/deployments/${id}`)).body,
    holds,
  );
}

function inOrder<Cell extends { edgeId: string }>(cells: Cell[], edgeIds: string[]): Cell[] {
  return cells.toSorted((one, other) => edgeIds.indexOf(one.edgeId) - edgeIds.indexOf(other.edgeId));
}
