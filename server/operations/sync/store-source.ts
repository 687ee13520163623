/** The port to a store that releases are synced from: this Edgeyard's own, another Edgeyard, an EdgeGallery AppStore. */
import type { Registry } from '../../oci/oci';
import type { PackageImage } from '../../packages/schemas';
import type { Call } from '../../sites/site';
import type { ImageLocation } from '../../store/schemas';

/** A release as a store's catalogue tells of it. */
export interface CatalogueRelease {
  /** The store's own ids. */
  appId: string;
  releaseId: string;
  name: string;
  provider: string;
  version: string;
  kind: 'vm' | 'container';
  type: string;
  industry: string;
  architecture: string;
  description: string;
  iconUrl: string | undefined;
  /** Bytes of the package. */
  size: number;
  /** `sha256:…` of the package; undefined where the store does not tell (EdgeGallery). */
  digest: string | undefined;
  /** Milliseconds since 1970. */
  publishedAt: number;
}

/** An image as a package names it. */
export type NamedImage = Pick<
  PackageImage,
  'name' | 'version' | 'digest' | 'location' | 'platforms' | 'mode'
>;

export interface StoreSource {
  /** Every release on its shelves. @throws Problem of `sync.errors.*` */
  catalogue(call: Call): Promise<CatalogueRelease[]>;
  /**
   * What the package of a release is now, by one small request; undefined when the store has it no more, and for a
   * store that tells no digest.
   */
  digest(release: Pick<CatalogueRelease, 'appId' | 'releaseId'>, call: Call): Promise<string | undefined>;
  /**
   * Downloads a package. What lies in the file are its first bytes, from an earlier try: where the store can, only the
   * rest is asked for.
   *
   * @param target absolute path
   * @throws Problem; what came stays in the file then
   */
  download(
    release: Pick<CatalogueRelease, 'appId' | 'releaseId' | 'size'>,
    target: string,
    call: Call & { progress?: (done: number, total: number) => void },
  ): Promise<void>;
  /**
   * Where the images of a release lie. What the store does not hold has no artifact.
   *
   * @param named the images that its package names, for a store (EdgeGallery) that tells of none itself
   */
  images(
    release: Pick<CatalogueRelease, 'appId' | 'releaseId' | 'provider' | 'name'>,
    named: readonly NamedImage[],
    call: Call,
  ): Promise<ImageLocation[]>;
  /** The registry that {@link images} speaks of: repositories with the prefix of the store's place in it. */
  registry(
    call: Call,
  ): Promise<{ registry: Registry; repository: (...path: string[]) => string; address: string }>;
  close(): Promise<void>;
}
