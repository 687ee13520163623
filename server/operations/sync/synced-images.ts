import { and, eq, isNotNull } from 'drizzle-orm';
import type { Db } from '../../db/database';
import type { Said } from '../../jobs/job';
import type { copyArtifact } from '../../oci/copy-artifact';
import { deleteArtifact } from '../../oci/delete-artifact';
import { keyedLock } from '../../oci/keyed-lock';
import type { ImageUse, RoomRegistries, RoomRegistry } from '../../registries/registries';
import { asking } from '../../registries/registry-problem';
import { releaseRepository, releaseTag } from '../../registries/release-names';
import type { ImageLocation } from '../../store/schemas';
import { openBlobLists } from '../distribution/blob-lists';
import type { CatalogueRows } from './catalogue-rows';
import type { StoreSource } from './store-source';
import { operationImages } from './tables';

/** Images that are looked into for blobs another one needs: each costs a request, once. */
const mostOthers = 300;

export type Artifact = NonNullable<ImageLocation['artifact']>;

/** A manifest in the operations registry, without its prefix. */
type Place = Pick<Artifact, 'repository' | 'digest'>;

export interface SyncedImagePorts {
  db: Db;
  registries: Pick<RoomRegistries, 'copy' | 'of'>;
  copyArtifact: typeof copyArtifact;
}

/** What copying one image did. */
export interface Taken {
  artifact: Artifact;
  moved: number;
  kept: number;
}

interface TakeCall {
  signal: AbortSignal;
  log: (line: Said) => void;
  progress: (done: number, total: number) => void;
}

/** Images of releases in the operations registry. */
export interface SyncedImages {
  /** Where images of a store will lie here. */
  placesFor(app: { provider: string; name: string }, images: readonly VersionedLocation[]): ImageLocation[];
  /**
   * Copies one image, unless it is there.
   *
   * @param from where the store has it; undefined: in the store of this house
   * @throws Problem of `registries.errors.*`
   */
  take(
    image: string,
    from: Artifact,
    to: Artifact,
    source: StoreSource | undefined,
    call: TakeCall,
  ): Promise<Taken>;
  /**
   * Puts an image there that comes from elsewhere; nobody frees it meanwhile.
   *
   * @param put puts its manifest
   */
  enter(to: Artifact, put: () => Promise<void>, signal: AbortSignal): Promise<void>;
  /** Whether all of these lie in the operations registry, by one HEAD each. @throws Problem of `registries.errors.*` */
  allThere(images: readonly ImageLocation[], signal: AbortSignal): Promise<boolean>;
  /**
   * Takes images out of the registry that no row names; the bytes go at its next garbage collection.
   *
   * @throws Problem of `registries.errors.*`; what it did not come to is freed the next time
   */
  freeUnused(signal: AbortSignal): Promise<void>;
  /** Releases that have an image, which the registry must keep. @param repository its whole name there */
  usesOf(repository: string, digest: string): ImageUse[];
}

/** A store's location with the version of the image, which its tag is made of. */
export interface VersionedLocation extends ImageLocation {
  version: string;
}

/** Opens operations' half of the registries. */
export function openSyncedImages(
  { db, registries, copyArtifact: copy }: SyncedImagePorts,
  rows: Pick<CatalogueRows, 'images'>,
): SyncedImages {
  const blobs = openBlobLists();
  /** Nothing is deleted while it is copied again. */
  const turns = keyedLock();
  const keyOf = ({ repository, digest }: Place) => `${repository}@${digest}`;
  const remembered = ({ repository, digest }: Place) =>
    and(eq(operationImages.repository, repository), eq(operationImages.digest, digest));
  const inUse = (repository?: string) =>
    new Set(rows.images(repository).flatMap(({ image }) => (image.artifact ? [keyOf(image.artifact)] : [])));

  /** Which repository of the registry has a blob: what another image brought is taken over there, and not sent. */
  const mountable = async (to: Place, { registry, repository }: RoomRegistry, signal: AbortSignal) => {
    const others = db.select().from(operationImages).where(isNotNull(operationImages.size)).all();
    const found = new Map<string, string>();
    for (const place of others.slice(-mostOthers)) {
      signal.throwIfAborted();
      if (keyOf(place) === keyOf(to)) continue;
      const at = { registry, repository: repository(place.repository), digest: place.digest };
      // It only saves bytes: an image that cannot be read saves none.
      const list = await blobs.of(at, undefined).catch(() => undefined);
      for (const { digest } of list?.parts ?? []) found.set(digest, at.repository);
    }
    return (digest: string) => found.get(digest);
  };

  const copied = async (from: Artifact, to: Artifact, source: StoreSource | undefined, call: TakeCall) => {
    const operations = await registries.of('operations');
    const target = { repository: operations.repository(to.repository), reference: to.tag };
    const options = {
      signal: call.signal,
      progress: call.progress,
      mountable: await mountable(to, operations, call.signal),
    };
    if (source === undefined) {
      const store = await registries.of('store');
      return await registries.copy(
        { role: 'store', repository: store.repository(from.repository), reference: from.digest },
        { role: 'operations', ...target },
        options,
      );
    }
    const { registry, repository, address } = await source.registry(call);
    return await asking(address, () =>
      copy(
        { registry, repository: repository(from.repository), reference: from.digest },
        { registry: operations.registry, ...target },
        options,
      ),
    );
  };

  return {
    placesFor: (app, images) =>
      images.map(({ version, ...image }) => ({
        ...image,
        artifact: image.artifact && {
          ...image.artifact,
          repository: releaseRepository(app, image.name),
          tag: releaseTag(version, image.artifact.digest),
        },
      })),
    async take(image, from, to, source, call) {
      const { repository, digest } = to;
      return await turns.hold(
        keyOf(to),
        async () => {
          db.insert(operationImages).values({ repository, digest }).onConflictDoNothing().run();
          const report = await copied(from, to, source, call);
          if (report.bytes !== undefined)
            db.update(operationImages).set({ size: report.bytes }).where(remembered(to)).run();
          // What is unchanged was perhaps not read this time.
          const size = db.select().from(operationImages).where(remembered(to)).get()?.size ?? from.size;
          const kept = Math.max(0, (size ?? 0) - report.bytesSent);
          call.log({
            key: `sync.log.${report.outcome === 'unchanged' ? 'imageThere' : 'copied'}`,
            params: {
              image,
              digest,
              repository,
              sent: report.bytesSent,
              kept,
              mounted: report.blobsMounted,
              ms: report.tookMs,
            },
          });
          return { artifact: { ...to, mediaType: report.mediaType, size }, moved: report.bytesSent, kept };
        },
        call.signal,
      );
    },
    async enter({ repository, digest, size }, put, signal) {
      await turns.hold(
        keyOf({ repository, digest }),
        async () => {
          db.insert(operationImages).values({ repository, digest }).onConflictDoNothing().run();
          await put();
          db.update(operationImages).set({ size }).where(remembered({ repository, digest })).run();
        },
        signal,
      );
    },
    async allThere(images, signal) {
      const artifacts = images.flatMap(({ artifact }) => (artifact ? [artifact] : []));
      if (artifacts.length === 0) return true;
      const { registry, repository, address } = await registries.of('operations');
      for (const artifact of artifacts) {
        const at = repository(artifact.repository);
        const head = await asking(address, () => registry.head(at, artifact.tag, { signal }));
        if (head?.digest !== artifact.digest) return false;
      }
      return true;
    },
    async freeUnused(signal) {
      const used = inUse();
      const all = db.select().from(operationImages).all();
      const unused = all.filter((place) => !used.has(keyOf(place)));
      if (unused.length === 0) return;
      const { registry, repository, address } = await registries.of('operations');
      for (const place of unused) {
        await turns.hold(
          keyOf(place),
          async () => {
            // Somebody may have asked for it meanwhile.
            const now = inUse(place.repository);
            if (now.has(keyOf(place))) return;
            const kept = db
              .select()
              .from(operationImages)
              .where(eq(operationImages.repository, place.repository))
              .all()
              .filter((each) => now.has(keyOf(each)))
              .map(({ digest }) => digest);
            const at = { registry, repository: repository(place.repository), digest: place.digest };
            await asking(address, () => deleteArtifact(at, kept, { signal }));
            db.delete(operationImages).where(remembered(place)).run();
          },
          signal,
        );
      }
    },
    usesOf: (repository, digest) =>
      rows
        .images(digest)
        .filter(
          ({ image: { artifact } }) =>
            artifact?.digest === digest && `/${repository}`.endsWith(`/${artifact.repository}`),
        )
        .map(({ row }) => ({
          kind: 'release',
          id: row.id,
          name: `${row.name} ${row.version}`,
          href: `/operations/releases?release=${row.id}`,
        })),
  };
}
