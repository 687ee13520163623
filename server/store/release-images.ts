import { and, eq, isNull } from 'drizzle-orm';
import type { Db } from '../db/database';
import type { Said } from '../jobs/job';
import { deleteArtifact } from '../oci/delete-artifact';
import type { PackageImage } from '../packages/schemas';
import type { ImageUse, RoomRegistries } from '../registries/registries';
import { asking } from '../registries/registry-problem';
import { releaseRepository, releaseTag } from '../registries/release-names';
import type { ImageLocation } from './schemas';
import { storeApps, storeImages, storeReleases } from './tables';

/** A manifest in a registry. */
interface Place {
  repository: string;
  digest: string;
}

interface AppName {
  provider: string;
  name: string;
}

interface TakeCall {
  /** Whose images they are taken from: what this person does not see is not held. */
  publisherId: string;
  signal: AbortSignal;
  log: (line: Said) => void;
  progress: (done: number, total: number) => void;
}

/** Where the workbench keeps an image that a package names: the repository's whole name in its registry. */
export type ImageSource = (
  image: PackageImage,
  call: Pick<TakeCall, 'publisherId' | 'signal' | 'progress'>,
) => Promise<Place | undefined>;

export interface ReleaseImagePorts {
  db: Db;
  registries: Pick<RoomRegistries, 'copy' | 'of'>;
  /** Undefined for an image that this house does not hold. */
  sourceOf: ImageSource;
}

/** A release's images in the store's registry. */
export interface ReleaseImages {
  /**
   * Copies what is missing of a release's images, and says where each of them lies.
   *
   * @param app the app's provider and name, which the repositories are called after
   * @throws Problem of `registries.errors.*`
   */
  take(app: AppName, images: readonly PackageImage[], call: TakeCall): Promise<ImageLocation[]>;
  /**
   * Takes images out of the store's registry that no release on the shelf has; the bytes go at its next garbage
   * collection. Must not run while a publish does.
   *
   * @throws Problem of `registries.errors.*`; what it did not come to is freed the next time
   */
  freeUnused(): Promise<void>;
  /**
   * Releases on the shelf that have an image, which its registry must keep.
   *
   * @param repository its name in the store's registry, with the prefix of the role
   */
  usesOf(repository: string, digest: string): ImageUse[];
}

/** Opens the store's half of the registries. */
export function openReleaseImages({ db, registries, sourceOf }: ReleaseImagePorts): ReleaseImages {
  const used = (): Set<string> => {
    const { locations } = storeReleases;
    const rows = db
      .select({ locations })
      .from(storeReleases)
      .where(isNull(storeReleases.unpublishedAt))
      .all();
    const artifacts = rows.flatMap((row) => row.locations.map(({ artifact }) => artifact));
    return new Set(artifacts.map((artifact) => `${artifact?.repository}@${artifact?.digest}`));
  };
  const remembered = ({ repository, digest }: Place) =>
    and(eq(storeImages.repository, repository), eq(storeImages.digest, digest));

  const copy = async (source: Place, image: PackageImage, app: AppName, call: TakeCall) => {
    const { digest } = source;
    const place = { repository: releaseRepository(app, image.name), digest };
    db.insert(storeImages).values(place).onConflictDoNothing().run();
    const store = await registries.of('store');
    const tag = releaseTag(image.version, digest);
    const { mediaType, bytes } = await registries.copy(
      { role: 'workbench', repository: source.repository, reference: digest },
      { role: 'store', repository: store.repository(place.repository), reference: tag },
      call,
    );
    // What is unchanged was not read this time.
    if (bytes !== undefined) db.update(storeImages).set({ size: bytes }).where(remembered(place)).run();
    const size = db.select().from(storeImages).where(remembered(place)).get()?.size ?? null;
    return { ...place, tag, mediaType, size, platforms: image.platforms };
  };

  return {
    async take(app, images, call) {
      const locations: ImageLocation[] = [];
      for (const image of images) {
        const { name, digest } = image;
        // The whole of an image is not known before it is asked for: the bar starts anew with each.
        const source = await sourceOf(image, call);
        if (source === undefined) call.log({ key: 'store.images.notHeld', params: { name } });
        const artifact = source === undefined ? null : await copy(source, image, app, call);
        locations.push({ name, digest, artifact });
      }
      return locations;
    },
    async freeUnused() {
      const inUse = used();
      const all = db.select().from(storeImages).all();
      const unused = all.filter(({ repository, digest }) => !inUse.has(`${repository}@${digest}`));
      if (unused.length === 0) return;
      const store = await registries.of('store');
      for (const place of unused) {
        const repository = store.repository(place.repository);
        const kept = all
          .filter((each) => each.repository === place.repository && !unused.includes(each))
          .map(({ digest }) => digest);
        await asking(store.address, () =>
          deleteArtifact({ registry: store.registry, repository, digest: place.digest }, kept),
        );
        db.delete(storeImages).where(remembered(place)).run();
      }
    },
    usesOf(repository, digest) {
      const { id, appId, version, locations } = storeReleases;
      const has = ({ artifact }: ImageLocation) =>
        artifact?.digest === digest && `/${repository}`.endsWith(`/${artifact.repository}`);
      return db
        .select({ id, appId, version, locations, name: storeApps.name })
        .from(storeReleases)
        .innerJoin(storeApps, eq(storeApps.id, appId))
        .where(isNull(storeReleases.unpublishedAt))
        .all()
        .filter((row) => row.locations.some(has))
        .map((row) => ({
          kind: 'release',
          id: row.id,
          name: `${row.name} ${row.version}`,
          href: `/store/apps/${row.appId}`,
        }));
    },
  };
}
