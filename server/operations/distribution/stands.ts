/** How releases stand at one edge, and what bringing them would move: arithmetic on what the edge told. */
import { appKey } from '../app-key';
import type { EdgeView } from '../edges/schemas';
import type { SyncedRelease } from '../sync/schemas';
import type { BlobList } from './blob-lists';
import type { Asked, EdgeAnswer } from './inventory';
import type { DistributionPlan, PlanCell } from './schemas';
import type { WantedRelease } from './wanted';

const gibibyte = 2 ** 30;

/** What the arithmetic is done on. */
export interface EdgeFacts {
  edge: EdgeView;
  asked: Asked;
  /** Digests of blobs that the edge is known to hold. */
  blobs: ReadonlySet<string>;
  /** Ids of releases that were proved to be there. */
  placed: ReadonlySet<string>;
}

/** What is known of the plan's releases, whatever the edge. */
export interface ReleaseFacts {
  wanted: readonly WantedRelease[];
  /** What an artifact is made of, as this edge fetches it; undefined where that could not be read. */
  listOf: (digest: string) => BlobList | undefined;
  /** All held releases by app, newest first. */
  siblings: ReadonlyMap<string, readonly WantedRelease[]>;
}

type PlannedEdge = DistributionPlan['edges'][number];
type Reason = NonNullable<PlanCell['reason']>;

/** Whether an edge runs what a release is made of. */
export function fitsKind(release: Pick<SyncedRelease, 'kind'>, edge: Pick<EdgeView, 'runs'>): boolean {
  return (release.kind === 'vm') === (edge.runs === 'vms');
}

/** The row of an edge: its cells, in the order of the releases, and their sum. */
export function edgeRow(facts: EdgeFacts, releases: ReleaseFacts): { edge: PlannedEdge; cells: PlanCell[] } {
  const { edge, asked } = facts;
  const cells: PlanCell[] = [];
  const counted = new Set<string>();
  let bytes = 0;
  for (const wanted of releases.wanted) {
    const cell = cellOf(facts, releases, wanted);
    cells.push(cell);
    if (cell.bytes > 0) bytes += costOf(facts, releases, wanted, counted);
  }
  const freeBytes = freeOf(edge);
  return {
    edge: {
      id: edge.id,
      name: edge.name,
      kind: edge.kind,
      askedAt: asked.answer?.askedAt ?? null,
      problem: (asked.problem ?? asked.answer?.registryProblem)?.report() ?? null,
      bytes,
      freeBytes,
      fits: freeBytes === null || bytes <= freeBytes,
    },
    cells,
  };
}

function cellOf(facts: EdgeFacts, releases: ReleaseFacts, wanted: WantedRelease): PlanCell {
  const { edge, asked } = facts;
  const ids = { releaseId: wanted.release.id, edgeId: edge.id };
  const nothing = { ...ids, bytes: 0, bytesThere: 0, seconds: 0 };
  const impossible = (reason: Reason): PlanCell => ({
    ...nothing,
    stand: 'impossible',
    reason,
    seconds: null,
  });
  const against = hindrance(edge, wanted);
  if (against) return impossible(against);
  if (asked.problem) return impossible(says(asked.problem.key, asked.problem.params));
  const { answer } = asked;
  if (!answer.keeps) return impossible(says('distribution.reasons.noDisks', { edge: edge.name }));
  const whole = wholeOf(releases, wanted);
  if (wanted.images.every(({ digest }) => answer.there.has(digest)))
    return { ...nothing, stand: 'present', reason: null, bytesThere: whole };
  if (answer.registryProblem)
    return impossible(says(answer.registryProblem.key, answer.registryProblem.params));
  const bytes = costOf(facts, releases, wanted, new Set());
  const seconds = bytes === 0 ? 0 : edge.speed === null ? null : bytes / edge.speed;
  const moved = { ...ids, bytes, bytesThere: Math.max(0, whole - bytes), seconds };
  const other = newestOther(facts, releases, wanted, answer);
  if (other && other.publishedAt < wanted.release.publishedAt)
    return {
      ...moved,
      stand: 'older',
      reason: says('distribution.reasons.older', { version: other.version }),
    };
  // One that only some machines have is missing; one that a full list does not name may be there.
  const unlisted = wanted.images.filter(
    ({ digest }) => !answer.there.has(digest) && !answer.partly.has(digest),
  );
  if (!answer.complete && unlisted.length > 0)
    return {
      ...moved,
      stand: 'unknown',
      reason: says('distribution.reasons.listLimited', { edge: edge.name }),
    };
  if (other)
    return {
      ...moved,
      stand: 'missing',
      reason: says('distribution.reasons.newerThere', { version: other.version }),
    };
  const partly = wanted.images.some(({ digest }) => answer.partly.has(digest));
  const reason = partly ? says('distribution.reasons.someMachines', { machines: answer.machines }) : null;
  return { ...moved, stand: 'missing', reason };
}

const says = (key: string, params: Reason['params'] = {}): Reason => ({ key, params });

/** Why a release cannot go to an edge, whatever is there; undefined when nothing speaks against it. */
export function hindrance(edge: EdgeView, { release, images, missing }: WantedRelease): Reason | undefined {
  if (!fitsKind(release, edge))
    return says(`distribution.reasons.runsOther.${edge.runs}`, { edge: edge.name });
  if (missing !== undefined) return says('distribution.reasons.imageNotHeld', { image: missing });
  return images.length === 0 ? says('distribution.reasons.noImages') : undefined;
}

/**
 * Bytes that bringing a release would move, each part once: two images often share most of what they are made of.
 *
 * @param counted what others of the plan bring along; what this one brings is added
 */
function costOf(
  { asked, blobs }: EdgeFacts,
  { listOf }: ReleaseFacts,
  { images }: WantedRelease,
  counted: Set<string>,
): number {
  const { answer } = asked;
  let bytes = 0;
  for (const { digest } of images) {
    if (!answer || counted.has(digest) || answer.there.has(digest) || answer.inRegistry?.has(digest))
      continue;
    counted.add(digest);
    const disk = answer.missingDisks.get(digest);
    if (disk?.whole) {
      bytes += disk.bytes;
      continue;
    }
    let fresh = 0;
    for (const part of lacking(listOf(digest), blobs)) {
      if (!counted.has(part.digest)) fresh += part.size;
      counted.add(part.digest);
    }
    // Of a disk the site itself knows best what it lacks, but not what another one of the plan will have brought.
    bytes += disk ? Math.min(disk.bytes, fresh) : fresh;
  }
  return bytes;
}

function lacking(list: BlobList | undefined, blobs: ReadonlySet<string>) {
  if (!list) return [];
  return blobs.size === 0 ? list.parts : list.parts.filter(({ digest }) => !blobs.has(digest));
}

/** Bytes of all artifacts of a release, each blob once. */
function wholeOf({ listOf }: ReleaseFacts, { images }: WantedRelease): number {
  const [only] = images;
  if (only && images.length === 1) return listOf(only.digest)?.bytes ?? 0;
  const sizes = new Map<string, number>();
  for (const { digest } of images)
    for (const part of listOf(digest)?.parts ?? []) sizes.set(part.digest, part.size);
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/** The newest other release of the app that is at the edge. */
function newestOther(
  { placed }: EdgeFacts,
  { siblings }: ReleaseFacts,
  { release, images: own }: WantedRelease,
  answer: EdgeAnswer,
): SyncedRelease | undefined {
  const found = (siblings.get(appKey(release)) ?? []).find(({ release: other, images }) => {
    if (other.id === release.id) return false;
    if (placed.has(other.id)) return true;
    // Two releases may differ in nothing but their text: then the images tell neither apart.
    const tells = images.some(({ digest }) => own.every((each) => each.digest !== digest));
    return tells && images.every(({ digest }) => answer.there.has(digest));
  });
  return found?.release;
}

/**
 * Bytes that are free where an edge keeps images; null where it does not tell. Sites of VMs do not: what they count is
 * what guests may be given.
 */
export function freeOf({ capacity }: Pick<EdgeView, 'capacity'>): number | null {
  if (!capacity) return null;
  const nodes = capacity.nodes.flatMap(({ freeDiskGiB }) => (freeDiskGiB === null ? [] : [freeDiskGiB]));
  // Every machine of a cluster gets every image: the fullest one counts.
  return nodes.length > 0 ? Math.min(...nodes) * gibibyte : null;
}
