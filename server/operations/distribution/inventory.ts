/** What edges hold, asked of themselves and kept for a minute. */
import PQueue from 'p-queue';
import { asProblem, Problem } from '../../problem';
import { registryProblem } from '../../registries/registry-problem';
import { runsContainers, type AnySite } from '../../sites/site';
import { untilAborted } from '../../until-aborted';
import type { EdgeRegistry } from '../edges/edges';
import type { EdgeView } from '../edges/schemas';
import type { DistributionRows } from './distribution-rows';
import { openDiskLooks, type DiskLooks, type MissingDisk } from './disks';
import { askWithin, type DistributionPorts } from './ports';
import type { WantedImage } from './wanted';

const keptFor = 60_000;
const headsAtOnce = 8;

/** What an edge told. */
export interface EdgeAnswer {
  /** Milliseconds since 1970. */
  askedAt: number;
  /** False for a site that cannot hold images beforehand. */
  keeps: boolean;
  /** Digests of artifacts that are there: on every machine of a cluster, or as a disk image. */
  there: ReadonlySet<string>;
  /** Those of them that it does not list yet, but has proved a moment ago. */
  unlisted: ReadonlySet<string>;
  /** Digests that only some machines of a cluster have. */
  partly: ReadonlySet<string>;
  /** Whether what is not in either set is certainly not there. */
  complete: boolean;
  /** Machines of a cluster; 1 elsewhere. */
  machines: number;
  /** The edge's own ids of disk images, by digest. */
  diskIds: ReadonlyMap<string, string>;
  /** What bringing a disk image would send, by digest, of those that were asked for and are not there. */
  missingDisks: ReadonlyMap<string, MissingDisk>;
  /** Digests that the edge's own registry has, of those that were asked for; undefined where it has none. */
  inRegistry: ReadonlySet<string> | undefined;
  /** Why the edge's own registry could not be asked. */
  registryProblem: Problem | undefined;
}

/** An edge's answer, or why there is none. */
export type Asked = { answer: EdgeAnswer; problem?: undefined } | { answer?: undefined; problem: Problem };

/** What an edge is asked about. */
export interface Question {
  /** What is to be brought there. */
  images: readonly WantedImage[];
  /** Digests of which only matters whether they are there. */
  others: readonly string[];
}

export interface Inventory {
  /** @param fresh asks anew what was asked in the last minute */
  ask(edge: EdgeView, question: Question, fresh: boolean, signal: AbortSignal | undefined): Promise<Asked>;
  /** Asks anew and remembers nothing: for what is about to be done, or was. */
  now(edge: EdgeView, question: Question, signal: AbortSignal): Promise<Asked>;
  /** Something was brought there, or taken away: what it told is old. */
  forget(edgeId: string): void;
}

interface Known {
  at: number;
  /** What it was asked about, where its answer tells of nothing else. */
  about: Question | undefined;
  asked: Promise<Asked>;
}

/** Opens the inventory. */
export function openInventory(
  ports: DistributionPorts,
  rows: Pick<DistributionRows, 'placements'>,
): Inventory {
  const known = new Map<string, Known>();
  const looks = openDiskLooks(ports);
  const now = ports.now ?? Date.now;

  return {
    async ask(edge, question, fresh, signal) {
      for (const [id, { at }] of known) if (now() - at > keptFor) known.delete(id);
      const before = known.get(edge.id);
      if (!fresh && before && covers(before.about, question)) return await before.asked;
      const byDigest = edge.runs === 'vms' || edge.registry !== null;
      // What was asked about before is asked again with it: two plans in turn must not displace each other.
      const about = byDigest ? joined(before?.about, question) : undefined;
      const entry: Known = {
        at: now(),
        about,
        asked: askNow({ ports, rows, looks }, edge, about ?? question, signal),
      };
      known.set(edge.id, entry);
      const told = await entry.asked;
      // Somebody went away, which says nothing of the edge.
      if (told.problem?.code === 'cancelled' && known.get(edge.id) === entry) known.delete(edge.id);
      return told;
    },
    now: (edge, question, signal) => askNow({ ports, rows, looks }, edge, question, signal),
    forget: (edgeId) => void known.delete(edgeId),
  };
}

function covers(about: Question | undefined, question: Question): boolean {
  if (!about) return true;
  const images = new Set(about.images.map(({ digest }) => digest));
  const all = new Set([...images, ...about.others]);
  return (
    question.images.every(({ digest }) => images.has(digest)) &&
    question.others.every((each) => all.has(each))
  );
}

function joined(before: Question | undefined, question: Question): Question {
  if (!before) return question;
  const images = new Map([...before.images, ...question.images].map((image) => [image.digest, image]));
  return { images: [...images.values()], others: [...new Set([...before.others, ...question.others])] };
}

interface Parts {
  ports: DistributionPorts;
  rows: Pick<DistributionRows, 'placements'>;
  looks: DiskLooks;
}

async function askNow(
  parts: Parts,
  edge: EdgeView,
  question: Question,
  signal: AbortSignal | undefined,
): Promise<Asked> {
  if (!edge.enabled)
    return { problem: new Problem('conflict', 'distribution.reasons.disabled', { edge: edge.name }) };
  const late = AbortSignal.timeout(askWithin);
  const either = signal ? AbortSignal.any([signal, late]) : late;
  try {
    return { answer: await untilAborted(answerOf(parts, edge, question, either), either) };
  } catch (error) {
    if (!late.aborted || signal?.aborted === true) return { problem: asProblem(error) };
    const params = { edge: edge.name, seconds: askWithin / 1000 };
    return { problem: new Problem('unavailable', 'distribution.reasons.noAnswer', params) };
  }
}

async function answerOf(
  { ports, rows, looks }: Parts,
  edge: EdgeView,
  question: Question,
  signal: AbortSignal,
): Promise<EdgeAnswer> {
  const askedAt = (ports.now ?? Date.now)();
  const site: AnySite =
    edge.runs === 'vms' ? ports.sites.stackHost(edge.id) : ports.sites.workloadSite(edge.id);
  const nothing = {
    askedAt,
    keeps: true,
    unlisted: new Set<string>(),
    partly: new Set<string>(),
    complete: true,
    machines: 1,
    diskIds: new Map<string, string>(),
    missingDisks: new Map<string, MissingDisk>(),
    inRegistry: undefined,
    registryProblem: undefined,
  };
  if (!runsContainers(site)) {
    const { diskCache } = site;
    if (!diskCache) return { ...nothing, keeps: false, there: new Set() };
    const digests = [...question.images.map(({ digest }) => digest), ...question.others];
    const diskIds = await diskCache.held([...new Set(digests)], { signal });
    const lacking = question.images.filter(({ digest }) => !diskIds.has(digest));
    const missingDisks = await looks.missing(diskCache, lacking, signal);
    return { ...nothing, there: new Set(diskIds.keys()), diskIds, missingDisks };
  }
  const { digests, complete, nodes, lateMs } = await site.imageCache.held({ signal });
  const there = new Set(digests.filter((each) => each.nodes >= nodes).map(({ digest }) => digest));
  const proved = lateMs === undefined ? [] : provedSince(rows, edge.id, askedAt - lateMs);
  const unlisted = new Set(proved.filter((digest) => !there.has(digest)));
  for (const digest of unlisted) there.add(digest);
  const partly = new Set(digests.map(({ digest }) => digest).filter((digest) => !there.has(digest)));
  const base = { ...nothing, there, unlisted, partly, complete, machines: nodes };
  if (edge.registry === null) return base;
  try {
    const registry = await ports.edges.registryOf(edge.id);
    const lacking = question.images.filter(({ digest }) => !there.has(digest));
    return { ...base, inRegistry: registry && (await askRegistry(registry, lacking, signal)) };
  } catch (error) {
    signal.throwIfAborted();
    const problem = asProblem(registryProblem(error, addressOf(edge)));
    return { ...base, inRegistry: new Set(), registryProblem: problem };
  }
}

/** Digests that an edge proved to have since then, which its own list may not name yet. */
function provedSince(rows: Pick<DistributionRows, 'placements'>, edgeId: string, since: number): string[] {
  return rows
    .placements({ edgeId })
    .filter(({ verifiedAt }) => verifiedAt > since)
    .flatMap(({ images }) => images.map(({ digest }) => digest));
}

/** The registry of an edge, as people know it. */
export function addressOf({ registry }: EdgeView): string {
  return registry === null ? '' : new URL(registry.url).host;
}

/** Which of these artifacts an edge's own registry has: one HEAD each. @throws RegistryError */
export async function askRegistry(
  { registry, repository }: EdgeRegistry,
  wanted: readonly WantedImage[],
  signal: AbortSignal,
): Promise<Set<string>> {
  const found = new Set<string>();
  const look = async (image: (typeof wanted)[number]) => {
    const there = await registry.head(repository(image.repository), image.digest, { signal });
    if (there) found.add(image.digest);
  };
  await new PQueue({ concurrency: headsAtOnce }).addAll(wanted.map((image) => () => look(image)));
  return found;
}
