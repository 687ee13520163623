/** The registries room: where each room keeps its images, and what is in there. */
import type { CopyOptions, CopyReport, Registry } from '../oci/oci';
import type { Said } from '../jobs/job';
import type { PullAccess } from '../sites/workloads';
import type { RegistryRole } from './schemas';

/** The registry of one room, as the rooms use it. */
export interface RoomRegistry {
  role: RegistryRole;
  /** A client that is logged in. */
  registry: Registry;
  /** Name of a repository in it: the role's path prefix, then the name's own path. */
  repository(...path: string[]): string;
  /** How somebody else (an edge, a person's `skopeo`) names it: `host:port` before a repository's name. */
  address: string;
}

/** Something that must not be deleted, because this uses it. */
export interface ImageUse {
  kind: 'image' | 'containerImage' | 'package' | 'release' | 'deployment';
  id: string;
  name: string;
  /** Where it can be looked at, a path of our pages. */
  href: string | undefined;
}

/** Something in the registry of a room: the repository's whole name there, and a tag or a digest. */
export interface RoomArtifact {
  role: RegistryRole;
  repository: string;
  reference: string;
}

/** The registries room, as other rooms see it. */
export interface RoomRegistries {
  /**
   * Moves an artifact from one room's registry into another's, and nothing that is there already.
   *
   * @param log hears how it went, in words that prove it (both digests, bytes sent and not sent)
   * @throws Problem of `registries.errors.*`
   */
  copy(
    from: RoomArtifact,
    to: RoomArtifact,
    options: CopyOptions & { log?: ((line: Said) => void) | undefined },
  ): Promise<CopyReport>;
  /** @throws Problem `unavailable` while the registry of that role does not answer, with its reason */
  of(role: RegistryRole): Promise<RoomRegistry>;
  /**
   * A login that may pull from these repositories and do nothing else, for a site.
   *
   * @param holder what it is for (`deployment:<id>`); given again the same login is returned
   */
  pullAccess(role: RegistryRole, repositories: string[], holder: string): Promise<PullAccess>;
  /** Takes the login back. */
  revokePull(holder: string): void;
  /** A room says what of its things uses a manifest: asked before anything is deleted. */
  usedBy(asker: (role: RegistryRole, repository: string, digest: string) => ImageUse[]): void;
}
