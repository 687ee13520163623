import { z } from 'zod';
import type { JobContext, JobKind, StepContext } from '../../jobs/job';
import { Problem, problemFrom } from '../../problem';
import type { EdgeView } from '../edges/schemas';
import { bringDisks, fillRegistry, pullImages, type Bringing, type Moved } from './bring';
import type { CellKey, DistributionRows } from './distribution-rows';
import { askEdgeRegistry } from './edge-registry';
import { addressOf, type EdgeAnswer, type Inventory } from './inventory';
import type { Planner } from './plan';
import type { DistributionPorts } from './ports';
import { holderOf } from './pull-logins';
import { requireSpace } from './space';
import { hindrance } from './stands';
import { wantedOf, type WantedRelease } from './wanted';

const input = z.object({ distributionId: z.string(), releaseId: z.string(), edgeId: z.string() });

export interface DistributeParts {
  ports: DistributionPorts;
  rows: DistributionRows;
  inventory: Inventory;
  planner: Planner;
}

/** Edges that are served at once; one cell of each. */
export const edgesServed = 16;
/** How often a cell's row follows its job, in milliseconds. */
const writeEvery = 500;

/** Defines `release.distribute`: one release to one edge, looked at before and proved afterwards. */
export function defineDistribute(parts: DistributeParts): JobKind<CellKey> {
  const { ports, rows } = parts;
  const now = ports.now ?? Date.now;
  return ports.jobs.define<CellKey, Moved & { skipped: boolean }>({
    kind: 'release.distribute',
    steps: ['check', 'send', 'verify'],
    input,
    concurrency: edgesServed,
    cancellable: true,
    // Everything looks first at what is there, so that nothing is done twice.
    retry: 'start',
    async run(job) {
      const cell = rows.cell(job.input);
      if (!cell) throw new Problem('gone', 'distribution.errors.noDistribution');
      rows.writeCell(job.input, {
        state: 'running',
        jobId: job.jobId,
        problem: null,
        endedAt: null,
        ms: null,
        dismissed: false,
      });
      const started = now();
      const moved = await bringRelease(parts, job);
      const { skipped, bytesMoved, bytesKept } = moved;
      const total = bytesMoved + bytesKept;
      rows.writeCell(job.input, {
        state: skipped ? 'skipped' : 'done',
        done: total,
        total,
        bytesMoved,
        bytesKept,
        ms: now() - started,
        endedAt: now(),
      });
      return moved;
    },
    async undo(job) {
      // What was sent stays: it is whole pieces, each proved, and the next try needs them not again.
      ports.registries.revokePull(holderOf(job.jobId));
      parts.inventory.forget(job.input.edgeId);
      const own = ports.jobs.get(job.jobId);
      const cancelled = own?.state === 'cancelling';
      rows.writeCell(job.input, {
        state: cancelled ? 'cancelled' : 'failed',
        problem: cancelled ? null : (own?.error ?? null),
        endedAt: now(),
      });
    },
  });
}

async function bringRelease(
  parts: DistributeParts,
  job: JobContext<CellKey>,
): Promise<Moved & { skipped: boolean }> {
  const { ports } = parts;
  const { releaseId, edgeId } = job.input;
  const wanted = wantedOf(ports.sync.release(releaseId));
  const edge = ports.edges.get(edgeId);
  const against = hindrance(edge, wanted);
  if (against) throw problemFrom({ code: 'conflict', ...against });
  const found = await job.step('check', async (step) => {
    await untilWithdrawn(parts, edge, step);
    const seen = await check(parts, wanted, edge, step);
    if (!seen.present) await requireSpace(parts, job.input, edge, seen.bytes, step.signal);
    return seen;
  });
  if (found.present) {
    // A proof is not made younger by itself.
    if (found.listed) place(parts, wanted, edge, found.images);
    return { skipped: true, bytesMoved: 0, bytesKept: found.bytesThere };
  }
  const sent = await job.step('send', (step) => send(parts, job, { wanted, edge, expected: found, step }));
  await job.step('verify', (step) => verify(parts, { wanted, edge, images: sent.images, step }));
  return { skipped: false, bytesMoved: sent.bytesMoved, bytesKept: sent.bytesKept };
}

/**
 * Waits while something is taken away from the edge: what would be found there may be gone in a moment. A withdrawal
 * that begins later knows of this cell, which says that it runs.
 */
async function untilWithdrawn({ ports }: DistributeParts, edge: EdgeView, step: StepContext): Promise<void> {
  const subject = { type: 'site', id: edge.id } as const;
  const going = ports.jobs.list({ subject, kind: 'release.withdraw', states: ['running'] });
  if (going.length > 0) step.log({ key: 'distribution.log.awaitsWithdrawal', params: { edge: edge.name } });
  for (const { id } of going) await ports.jobs.settled(id, step.signal);
}

type Images = { name: string; digest: string; siteImageId: string | null }[];

interface Found {
  present: boolean;
  /** Whether the edge itself says so now. */
  listed: boolean;
  images: Images;
  /** What is likely to move, and what need not. */
  bytes: number;
  bytesThere: number;
}

/** Asks the edge what it holds. */
async function check(
  { ports, rows, inventory, planner }: DistributeParts,
  wanted: WantedRelease,
  edge: EdgeView,
  step: StepContext,
): Promise<Found> {
  const { answer, problem } = await askAnew(inventory, wanted, edge, step.signal);
  if (problem) throw problem;
  if (!answer.keeps) throw new Problem('conflict', 'distribution.reasons.noDisks', { edge: edge.name });
  for (const { name, digest } of wanted.images) {
    const key = answer.unlisted.has(digest) ? 'proved' : answer.there.has(digest) ? 'there' : 'notThere';
    step.log({ key: `distribution.log.${key}`, params: { image: name, digest, edge: edge.name } });
  }
  const images = imagesAt(wanted, answer);
  const listed = images.every(({ digest }) => !answer.unlisted.has(digest));
  const onMachines = images.every(({ digest }) => answer.there.has(digest));
  if (onMachines && (await registryHas({ ports, rows }, wanted, edge, step))) {
    const bytesThere = wanted.images.reduce((sum, { size }) => sum + (size ?? 0), 0);
    return { present: true, listed, images, bytes: 0, bytesThere };
  }
  return { present: false, listed, images, ...(await planner.costOf(wanted, edge, answer)) };
}

/**
 * What this cell asks about, of the edge as it is now: a plan of a minute ago is no proof. The edge's registry is left
 * for later, for what is on all machines is asked for there once, and what is not is copied, which asks by itself.
 */
function askAnew(inventory: Inventory, wanted: WantedRelease, edge: EdgeView, signal: AbortSignal) {
  return inventory.now({ ...edge, registry: null }, { images: wanted.images, others: [] }, signal);
}

const imagesAt = ({ images }: WantedRelease, answer: EdgeAnswer): Images =>
  images.map(({ name, digest }) => ({ name, digest, siteImageId: answer.diskIds.get(digest) ?? null }));

/**
 * Whether the edge's own registry has what the machines have, for those that come later. Images go there in their
 * order, so where all were placed once one HEAD of the last tells; else each is asked for.
 */
async function registryHas(
  { ports, rows }: Pick<DistributeParts, 'ports' | 'rows'>,
  { release, images }: WantedRelease,
  edge: EdgeView,
  step: StepContext,
): Promise<boolean> {
  const { signal } = step;
  const [placed] = rows.placements({ edgeId: edge.id, releaseId: release.id });
  const once = images.every(({ digest }) => placed?.images.some((each) => each.digest === digest));
  const asked = once ? images.slice(-1) : images;
  const found = await askEdgeRegistry(ports, edge, step, async (own) => {
    const there = [];
    for (const image of asked) {
      if (!(await own.registry.head(own.repository(image.repository), image.digest, { signal }))) break;
      there.push(image);
    }
    return there;
  });
  if (!found) return true;
  for (const { repository, digest } of found) {
    const params = { registry: addressOf(edge), repository, digest };
    step.log({ key: 'distribution.log.headFound', params });
  }
  return found.length === asked.length;
}

interface Sending {
  wanted: WantedRelease;
  edge: EdgeView;
  expected: Found;
  step: StepContext;
}

/** Brings what is not there. */
async function send(
  parts: DistributeParts,
  job: JobContext<CellKey>,
  { wanted, edge, expected, step }: Sending,
): Promise<Moved & { images: Images }> {
  const { ports, inventory } = parts;
  const started = Date.now();
  const bringing: Bringing = {
    ports,
    edge,
    images: wanted.images,
    jobId: job.jobId,
    step,
    progress: follower(parts, job.input, step),
  };
  try {
    const sent =
      wanted.release.kind === 'vm'
        ? await bringDisks(bringing)
        : { ...(await bringContainers(bringing, expected)), images: expected.images };
    ports.edges.measured(edge.id, sent.bytesMoved, Date.now() - started);
    return sent;
  } finally {
    inventory.forget(edge.id);
    ports.registries.revokePull(holderOf(job.jobId));
  }
}

async function bringContainers(bringing: Bringing, expected: Found): Promise<Moved> {
  const { ports, edge, images, jobId, step } = bringing;
  const own = await askEdgeRegistry(ports, edge, step, async (registry) => {
    await registry.registry.ping({ signal: step.signal });
    return registry;
  });
  if (own) {
    const moved = await fillRegistry(bringing, own);
    const total = moved.bytesMoved + moved.bytesKept;
    await pullImages(
      { ...bringing, progress: () => bringing.progress(total, total) },
      { pull: own.pull, repository: (path) => own.repository(path) },
      total,
    );
    return moved;
  }
  const home = await ports.registries.of('operations');
  const repositories = [...new Set(images.map(({ repository }) => home.repository(repository)))];
  const pull = await ports.registries.pullAccess('operations', repositories, holderOf(jobId));
  step.log({ key: 'distribution.log.pulling', params: { images: images.length, registry: pull.address } });
  await pullImages(bringing, { pull, repository: (path) => home.repository(path) }, expected.bytes);
  // The machines fetch by themselves and do not say how much: what they lacked is what moved.
  return { bytesMoved: expected.bytes, bytesKept: expected.bytesThere };
}

/** Writes how far a cell is, now and then, for the matrix; the job's own step hears every word. */
function follower({ rows }: DistributeParts, key: CellKey, step: StepContext): Bringing['progress'] {
  let written = 0;
  return (done, total) => {
    step.progress({ done, total, unit: 'bytes' });
    if (Date.now() - written < writeEvery) return;
    written = Date.now();
    rows.writeCell(key, { done, total });
  };
}

/** Asks the edge once more, and writes down what it proved. */
async function verify(
  parts: DistributeParts,
  {
    wanted,
    edge,
    images,
    step,
  }: { wanted: WantedRelease; edge: EdgeView; images: Images; step: StepContext },
): Promise<void> {
  const { answer, problem } = await askAnew(parts.inventory, wanted, edge, step.signal);
  if (problem) throw problem;
  for (const { name, digest } of images) {
    const listed = answer.there.has(digest) && !answer.unlisted.has(digest);
    // Disks are listed as soon as they are there; a cluster lists its images late and not all of them, but has
    // proved each by its digest while it fetched it.
    if (!listed && edge.runs === 'vms')
      throw new Problem('failed', 'distribution.errors.notThere', { image: name, edge: edge.name });
    const key = listed ? 'verified' : 'verifiedByPull';
    step.log({ key: `distribution.log.${key}`, params: { image: name, digest, edge: edge.name } });
  }
  const known = answer.diskIds;
  place(
    parts,
    wanted,
    edge,
    images.map((image) => ({ ...image, siteImageId: known.get(image.digest) ?? image.siteImageId })),
  );
}

function place(
  { ports, rows }: DistributeParts,
  { release }: WantedRelease,
  edge: EdgeView,
  images: Images,
): void {
  rows.place({ releaseId: release.id, edgeId: edge.id, images, verifiedAt: (ports.now ?? Date.now)() });
}
