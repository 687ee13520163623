/** A release as distribution sees it: the artifacts it is made of, in the operations registry. */
import { Problem } from '../../problem';
import type { SyncedRelease } from '../sync/schemas';

/** An artifact of a release. */
export interface WantedImage {
  /** As the package names it. */
  name: string;
  /** Without the prefix of operations' place in the registry. */
  repository: string;
  tag: string;
  digest: string;
  /** Bytes of all its parts, where that is known. */
  size: number | null;
}

/** A release whose artifacts are all held; `missing` names the first one that is not. */
export interface WantedRelease {
  release: SyncedRelease;
  images: readonly WantedImage[];
  missing: string | undefined;
}

/** @throws Problem `conflict` for a release that is not in sync */
export function wantedOf(release: SyncedRelease): WantedRelease {
  if (!isHeld(release))
    throw new Problem('conflict', 'distribution.errors.notInSync', {
      name: release.name,
      version: release.version,
    });
  return heldOf(release);
}

/** Whether a release's package and images lie here, also while a newer look at its store goes on. */
export function isHeld({ syncedAt }: Pick<SyncedRelease, 'syncedAt'>): boolean {
  return syncedAt !== null;
}

/** The same for a release that may have gone out of sync since it was placed. */
export function heldOf(release: SyncedRelease): WantedRelease {
  const images: WantedImage[] = [];
  let missing: string | undefined;
  for (const { name, artifact } of release.images) {
    if (artifact === null) {
      missing ??= name;
      continue;
    }
    const { repository, tag, digest, size } = artifact;
    const known = images.some((each) => each.digest === digest && each.repository === repository);
    if (!known) images.push({ name, repository, tag, digest, size });
  }
  return { release, images, missing };
}

/** The architecture that registries name (GOARCH) for the word that packages have; undefined for one we do not know. */
export function machineOf({ architecture }: Pick<SyncedRelease, 'architecture'>): string | undefined {
  const word = architecture.toLowerCase();
  if (['x86', 'x86_64', 'amd64'].includes(word)) return 'amd64';
  return ['arm64', 'aarch64'].includes(word) ? 'arm64' : undefined;
}
