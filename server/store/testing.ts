import { join } from 'node:path';
import type { CopyReport, Registry } from '../oci/oci';
import type { testPackages } from '../packages/testing';
import type { RoomArtifact, RoomRegistries } from '../registries/registries';
import type { StorePorts } from './store';

/** Registries of a test: what is where, by `role/repository@digest`. The real ones have tests of their own. */
export function testRegistries() {
  const held = new Set<string>();
  const at = (role: string, repository: string, digest: string) => `${role}/${repository}@${digest}`;
  const registry: Pick<Registry, 'deleteManifest' | 'manifest'> = {
    // No test here is about images of several platforms.
    manifest: () => Promise.resolve(undefined),
    deleteManifest: (repository, digest) => {
      held.delete(at('store', repository, digest));
      return Promise.resolve();
    },
  };
  const registries: Pick<RoomRegistries, 'copy' | 'of'> = {
    of: (role) =>
      Promise.resolve({
        role,
        // The store asks nothing else of it.
        registry: registry as Registry,
        repository: (...path: string[]) => [role, ...path].join('/'),
        address: 'registry.test',
      }),
    copy: (from: RoomArtifact, to: RoomArtifact): Promise<CopyReport> => {
      const target = at(to.role, to.repository, from.reference);
      const there = held.has(target);
      held.add(target);
      return Promise.resolve({
        digest: from.reference,
        outcome: there ? 'unchanged' : 'copied',
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        bytes: 4096,
        bytesSent: there ? 0 : 4096,
        blobsSent: there ? 0 : 1,
        blobsMounted: 0,
        blobsThere: 0,
        tookMs: 1,
      });
    },
  };
  return { registries, held };
}

/** What a store needs in a test, on the packages of a test; every image a package names is held by the workbench. */
export function testStorePorts(room: ReturnType<typeof testPackages>) {
  const { registries, held } = testRegistries();
  const ports: StorePorts = {
    ...room.ports,
    dir: join(room.dir, 'store'),
    packages: room.packages,
    registries,
    openDisk: () => Promise.reject(new Error('no test here asks for a disk')),
    sourceOf: ({ name, digest }) =>
      Promise.resolve(digest === null ? undefined : { repository: `workbench/projects/${name}`, digest }),
  };
  return { ports, held };
}
