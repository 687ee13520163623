import { describe, expect, it } from 'vitest';
import { deleteArtifact } from './delete-artifact';
import type { Registry } from './oci';

/** Manifests of one repository: those with members are indexes. */
function holding(manifests: Record<string, string[]>) {
  const held = new Map(Object.entries(manifests));
  const registry: Pick<Registry, 'manifest' | 'deleteManifest'> = {
    manifest: (_repository, digest) => {
      const members = held.get(digest);
      if (members === undefined) return Promise.resolve(undefined);
      const descriptor = { mediaType: '', digest, size: 1 };
      const named = members.map((member) => ({ ...descriptor, digest: member }));
      const shared = { mediaType: '', artifactType: undefined, subject: undefined, annotations: {} };
      const manifest =
        members.length > 0
          ? { kind: 'index' as const, ...shared, manifests: named }
          : { kind: 'image' as const, ...shared, config: descriptor, layers: [] };
      return Promise.resolve({ descriptor, bytes: Buffer.alloc(0), manifest });
    },
    deleteManifest: (_repository, digest) => {
      held.delete(digest);
      return Promise.resolve();
    },
  };
  const remove = (digest: string, kept: string[]) =>
    deleteArtifact({ registry: registry as Registry, repository: 'a', digest }, kept);
  return { remove, left: () => [...held.keys()].toSorted() };
}

describe('removing an artifact', () => {
  it('takes the members of an index along, but none that another index names', async () => {
    const { remove, left } = holding({ old: ['amd', 'arm'], new: ['amd'], amd: [], arm: [] });
    await remove('old', ['new']);
    expect(left()).toEqual(['amd', 'new']);
  });

  it('leaves what is to be kept, or is a member of that', async () => {
    const { remove, left } = holding({ new: ['amd'], amd: [] });
    await remove('amd', ['new']);
    await remove('new', ['new']);
    expect(left()).toEqual(['amd', 'new']);
  });

  it('is content when it is gone already', async () => {
    const { remove, left } = holding({ amd: [] });
    await remove('old', []);
    expect(left()).toEqual(['amd']);
  });
});
