/** The plan: releases beside edges, what is where, and what would have to move. */
import PQueue from 'p-queue';
import { setImmediate as breathe } from 'node:timers/promises';
import { registryProblem } from '../../registries/registry-problem';
import { appKey } from '../app-key';
import type { EdgeView } from '../edges/schemas';
import type { SyncedRelease } from '../sync/schemas';
import { openBlobLists, type BlobList } from './blob-lists';
import type { DistributionRows } from './distribution-rows';
import type { EdgeAnswer, Inventory } from './inventory';
import type { DistributionPorts } from './ports';
import type { DistributionPlan } from './schemas';
import { edgeRow, fitsKind, type ReleaseFacts } from './stands';
import { heldOf, isHeld, machineOf, wantedOf, type WantedImage, type WantedRelease } from './wanted';

const edgesAtOnce = 16;
const listsAtOnce = 16;

export interface Planner {
  /** @throws Problem `not_found`, `conflict`; what the operations registry says when its manifests cannot be read */
  plan(
    releaseIds: readonly string[],
    edgeIds: readonly string[],
    fresh: boolean,
    signal: AbortSignal | undefined,
  ): Promise<DistributionPlan>;
  /** What bringing a release to an edge would move, as far as is known now without asking anybody at the edge. */
  costOf(
    wanted: WantedRelease,
    edge: EdgeView,
    answer: EdgeAnswer,
  ): Promise<{ bytes: number; bytesThere: number }>;
}

/** Opens the planner. */
export function openPlanner(ports: DistributionPorts, inventory: Inventory, rows: DistributionRows): Planner {
  const lists = openBlobLists();

  /** Lists of artifacts by digest, as an edge fetches them. */
  const readLists = async (
    images: Iterable<{ image: WantedImage; machine: string | undefined }>,
    missing: (error: unknown) => void,
  ) => {
    const found = new Map<string, BlobList>();
    const distinct = new Map([...images].map((each) => [`${each.image.digest} ${each.machine ?? ''}`, each]));
    if (distinct.size === 0) return found;
    const home = await ports.registries.of('operations');
    const readList = async (
      key: string,
      { image, machine }: { image: WantedImage; machine: string | undefined },
    ) => {
      const repository = home.repository(image.repository);
      const at = { registry: home.registry, repository, digest: image.digest };
      try {
        const list = await lists.of(at, machine);
        if (list) found.set(key, list);
      } catch (error) {
        missing(registryProblem(error, home.address));
      }
    };
    await new PQueue({ concurrency: listsAtOnce }).addAll(
      [...distinct].map(
        ([key, each]) =>
          () =>
            readList(key, each),
      ),
    );
    return found;
  };

  /** Which blobs an edge holds already, of all artifacts that we know of. */
  const heldBlobs = async (
    edge: EdgeView,
    answer: EdgeAnswer,
    all: readonly WantedRelease[],
    placed: ReadonlySet<string>,
  ) => {
    const held = all.flatMap(({ release, images }) =>
      images
        .filter(({ digest }) => isThere(edge, answer, digest, placed.has(release.id)))
        .map((image) => ({ image, machine: machineFor(edge, release) })),
    );
    // What cannot be read is counted as if it were not there.
    return readLists(held, (error) =>
      ports.log.info({ err: error }, 'the blobs of an artifact are not known'),
    );
  };

  const factsOf = async (
    releases: readonly WantedRelease[],
    edges: readonly EdgeView[],
    all: readonly WantedRelease[],
  ) => {
    const machines = (release: SyncedRelease) => [
      ...new Set(edges.filter((edge) => fitsKind(release, edge)).map((edge) => machineFor(edge, release))),
    ];
    const read = await readLists(
      releases.flatMap(({ release, images }) =>
        machines(release).flatMap((machine) => images.map((image) => ({ image, machine }))),
      ),
      (error) => {
        throw error;
      },
    );
    const siblings = new Map<string, WantedRelease[]>();
    for (const each of all) {
      const key = appKey(each.release);
      siblings.set(key, [...(siblings.get(key) ?? []), each]);
    }
    for (const of of siblings.values()) of.sort((a, b) => b.release.publishedAt - a.release.publishedAt);
    return { read, siblings };
  };

  const allHeld = () => ports.sync.releases({}).filter(isHeld).map(heldOf);

  const blobsAt = async (
    edge: EdgeView,
    answer: EdgeAnswer,
    all: readonly WantedRelease[],
    placed: ReadonlySet<string>,
  ) => {
    const known = await heldBlobs(edge, answer, all, placed);
    return new Set([...known.values()].flatMap(({ parts }) => parts.map(({ digest }) => digest)));
  };

  return {
    async plan(releaseIds, edgeIds, fresh, signal) {
      const wanted = [...new Set(releaseIds)].map((id) => wantedOf(ports.sync.release(id)));
      const edges = [...new Set(edgeIds)].map((id) => ports.edges.get(id));
      const all = allHeld();
      const { read, siblings } = await factsOf(wanted, edges, all);
      const placedAt = rows.placedAt(edges.map(({ id }) => id));
      const found = new Map<string, ReturnType<typeof edgeRow>>();
      const ask = async (edge: (typeof edges)[number]) => {
        signal?.throwIfAborted();
        const fitting = wanted.filter(({ release }) => fitsKind(release, edge));
        const others = fitting.flatMap(({ release }) => siblings.get(appKey(release)) ?? []);
        const digests =
          edge.runs === 'vms' ? others.flatMap(({ images }) => images.map(({ digest }) => digest)) : [];
        const question = { images: fitting.flatMap(({ images }) => images), others: digests };
        const asked = await inventory.ask(edge, question, fresh, signal);
        const placed = placedAt.get(edge.id) ?? new Set<string>();
        const blobs = asked.answer ? await blobsAt(edge, asked.answer, all, placed) : new Set<string>();
        const keys = new Map(
          fitting.flatMap(({ release, images }) =>
            images.map(({ digest }) => [digest, `${digest} ${machineFor(edge, release) ?? ''}`] as const),
          ),
        );
        const facts: ReleaseFacts = {
          wanted,
          siblings,
          listOf: (digest) => read.get(keys.get(digest) ?? ''),
        };
        found.set(edge.id, edgeRow({ edge, asked, blobs, placed }, facts));
        // Others want the server too, and what edges told within the last minute comes without a wait.
        await breathe();
      };
      await new PQueue({ concurrency: edgesAtOnce }).addAll(edges.map((edge) => () => ask(edge)));
      signal?.throwIfAborted();
      return planOf(wanted, edges, found);
    },

    async costOf(wanted, edge, answer) {
      const all = allHeld();
      const { read, siblings } = await factsOf([wanted], [edge], all);
      const placed = rows.placedAt([edge.id]).get(edge.id) ?? new Set<string>();
      const blobs = await blobsAt(edge, answer, all, placed);
      const machine = machineFor(edge, wanted.release) ?? '';
      const facts = {
        wanted: [wanted],
        siblings,
        listOf: (digest: string) => read.get(`${digest} ${machine}`),
      };
      const [cell] = edgeRow({ edge, asked: { answer }, blobs, placed }, facts).cells;
      return { bytes: cell?.bytes ?? 0, bytesThere: cell?.bytesThere ?? 0 };
    },
  };
}

/** Into a registry goes all of an artifact; a machine fetches what is for it. Of a disk all is for it. */
function machineFor(edge: EdgeView, release: SyncedRelease): string | undefined {
  return edge.registry === null && release.kind === 'container' ? machineOf(release) : undefined;
}

/** Whether the blobs of an artifact lie where they would be sent to. */
function isThere(edge: EdgeView, answer: EdgeAnswer, digest: string, placed: boolean): boolean {
  // Disks are told by what they lack.
  if (edge.runs === 'vms') return false;
  if (answer.inRegistry) return placed || answer.inRegistry.has(digest);
  return answer.there.has(digest) || answer.partly.has(digest) || (!answer.complete && placed);
}

function planOf(
  wanted: readonly WantedRelease[],
  edges: readonly EdgeView[],
  found: ReadonlyMap<string, ReturnType<typeof edgeRow>>,
): DistributionPlan {
  const rowsOf = edges.flatMap(({ id }) => found.get(id) ?? []);
  const cells = rowsOf.flatMap((row) => row.cells);
  const seconds = edges.map(({ id, speed }) => {
    const bytes = found.get(id)?.edge.bytes ?? 0;
    return bytes === 0 ? 0 : speed === null ? null : bytes / speed;
  });
  return {
    releases: wanted.map(({ release: { id, name, version, kind } }) => ({ id, name, version, kind })),
    edges: rowsOf.map(({ edge }) => edge),
    cells,
    totals: {
      bytes: rowsOf.reduce((sum, { edge }) => sum + edge.bytes, 0),
      cells: cells.length,
      present: cells.filter(({ stand }) => stand === 'present').length,
      // Edges are served side by side: the slowest one ends last.
      seconds: seconds.includes(null) ? null : Math.max(0, ...(seconds as number[])),
    },
  };
}
