import { and, eq } from 'drizzle-orm';
import type { Db } from '../db/database';
import type { RegistryRole } from './schemas';
import { registryManifests } from './tables';

/** What we have put into the registries, by role. Repositories are named without the role's prefix, so that they stay when the registry changes. */
export interface ManifestRows {
  put(role: RegistryRole, repository: string, digest: string, mediaType: string): void;
  removed(role: RegistryRole, repository: string, digest: string): void;
  of(role: RegistryRole, repository: string): string[];
  all(role: RegistryRole): { repository: string; digest: string }[];
}

/** Opens the rows. */
export function openManifestRows(db: Db): ManifestRows {
  const at = (role: RegistryRole, repository: string) =>
    and(eq(registryManifests.role, role), eq(registryManifests.repository, repository));
  return {
    put(role, repository, digest, mediaType) {
      db.insert(registryManifests)
        .values({ role, repository, digest, mediaType, at: Date.now() })
        .onConflictDoNothing()
        .run();
    },
    removed(role, repository, digest) {
      db.delete(registryManifests)
        .where(and(at(role, repository), eq(registryManifests.digest, digest)))
        .run();
    },
    of: (role, repository) =>
      db
        .select({ digest: registryManifests.digest })
        .from(registryManifests)
        .where(at(role, repository))
        .all()
        .map(({ digest }) => digest),
    all: (role) =>
      db
        .select({ repository: registryManifests.repository, digest: registryManifests.digest })
        .from(registryManifests)
        .where(eq(registryManifests.role, role))
        .all(),
  };
}
