import type { Call, Registry } from './oci';

/**
 * Removes a manifest that none of those to be kept is or names, and of an index the members likewise. What is gone
 * already is fine. Blobs go with the registry's own collection of garbage.
 *
 * @param kept digests in the same repository that must stay whole
 * @throws RegistryError
 */
export async function deleteArtifact(
  { registry, repository, digest }: { registry: Registry; repository: string; digest: string },
  kept: readonly string[],
  call?: Call,
): Promise<void> {
  const stays = new Set(kept);
  for (const other of kept) {
    for (const member of await membersOf(registry, repository, other, call)) stays.add(member);
  }
  if (stays.has(digest)) return;
  const members = await membersOf(registry, repository, digest, call);
  // The index first: a member that is gone while it is named makes an image that cannot be pulled.
  await registry.deleteManifest(repository, digest, call);
  for (const member of members.filter((each) => !stays.has(each))) {
    await registry.deleteManifest(repository, member, call);
  }
}

async function membersOf(
  registry: Registry,
  repository: string,
  digest: string,
  call: Call | undefined,
): Promise<string[]> {
  const stored = await registry.manifest(repository, digest, call);
  return stored?.manifest.kind === 'index' ? stored.manifest.manifests.map((each) => each.digest) : [];
}
