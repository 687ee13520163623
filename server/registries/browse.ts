import type { UserActor } from '../access/actor';
import type { AuditedChange } from '../access/ports';
import type { StoredManifest } from '../oci/oci';
import { hasRole } from '../access/actor';
import { isProblem, Problem } from '../problem';
import { factsOf, type ArtifactFacts } from './artifact-facts';
import type { ManifestRows } from './manifest-rows';
import type { Browse, ImageUse, RoomRegistry } from './registries';
import { asking, registryProblem } from './registry-problem';
import type { PlaceClient, RoleClients } from './role-clients';
import type { ArtifactView, RegistryRole } from './schemas';
import { covers, type VisibleTo } from './token-scope';

/** More tags than this are not looked into at once: each costs requests. */
const mostTags = 100;
const atOnce = 6;

interface BrowsePorts {
  clients: RoleClients;
  rows: ManifestRows;
  uses: (role: RegistryRole, repository: string, digest: string) => ImageUse[];
  audit: (entry: AuditedChange) => void;
  changed: (role: RegistryRole) => void;
  visibleTo: VisibleTo;
}

type Room = RoomRegistry & { client: PlaceClient };

/** Looks into the registries. */
export function openBrowse({ clients, rows, uses, audit, changed, visibleTo }: BrowsePorts): Browse {
  /** Operators see all; developers, of the workbench's, what they see elsewhere. */
  const maySee = (actor: UserActor) => {
    const repositories = hasRole(actor, 'operator') ? ['*'] : visibleTo(actor);
    return (title: string) => covers({ repositories }, title);
  };

  async function roomFor(actor: UserActor, role: RegistryRole, repository?: string): Promise<Room> {
    if (role !== 'workbench' && !hasRole(actor, 'operator'))
      throw new Problem('forbidden', 'registries.errors.notYours');
    const room = await clients.of(role);
    // The other rooms' repositories may be in the same registry, and strangers' too.
    const { prefix } = room.client;
    const shown =
      repository === undefined ||
      (repository.startsWith(prefix) && maySee(actor)(repository.slice(prefix.length)));
    if (!shown) throw new Problem('not_found', 'registries.errors.noRepository', { name: repository });
    return room;
  }

  const asked = <T>(room: Room, ask: () => Promise<T>) => asking(room.address, ask);

  async function view(
    room: Room,
    repository: string,
    digest: string,
    tags: string[],
    signal: AbortSignal | undefined,
  ): Promise<ArtifactView | undefined> {
    const usedBy = uses(room.role, repository, digest);
    const name = `${room.address}/${repository}@${digest}`;
    // Docker trusts plain HTTP on this machine by itself, skopeo nowhere.
    const plain = room.client.encrypted ? '' : '--src-tls-verify=false ';
    const pull = {
      docker: `docker pull ${name}`,
      skopeo: `skopeo copy ${plain}docker://${name} oci:${repository.split('/').at(-1) ?? 'image'}`,
    };
    const known = { digest, tags, usedBy, pull };
    try {
      const stored = await room.registry.manifest(repository, digest, { signal });
      return stored && { ...known, ...(await facts(room, repository, stored, signal)) };
    } catch (error) {
      signal?.throwIfAborted();
      const problem = registryProblem(error, room.address);
      if (!isProblem(problem)) throw error;
      return { ...known, ...unknownFacts, problem: problem.report() };
    }
  }

  const facts = (room: Room, repository: string, stored: StoredManifest, signal: AbortSignal | undefined) =>
    factsOf(room.registry, repository, stored, signal);

  return {
    async repositories(actor, role, signal) {
      const room = await roomFor(actor, role);
      const { prefix } = room.client;
      const names = await asked(room, () => room.registry.repositories(prefix, { signal }));
      return names
        .map((name) => ({ name, title: name.slice(prefix.length) }))
        .filter(({ title }) => maySee(actor)(title))
        .sort((one, other) => one.title.localeCompare(other.title));
    },

    async repository(actor, role, name, signal) {
      const room = await roomFor(actor, role, name);
      const { prefix } = room.client;
      const { byDigest, tags } = await heldAt(room, name, mostTags, signal);
      const artifacts: ArtifactView[] = [];
      await each([...byDigest], async ([digest, its]) => {
        const found = await view(room, name, digest, its, signal);
        if (found) artifacts.push(found);
      });
      if (tags.length === 0 && artifacts.length === 0)
        throw new Problem('not_found', 'registries.errors.noRepository', { name });
      // The parts of an index are shown with it.
      const parts = new Set(artifacts.flatMap(({ manifests }) => manifests.map(({ digest }) => digest)));
      const shown = artifacts
        .filter(({ digest, tags: its }) => its.length > 0 || !parts.has(digest))
        .sort((one, other) => (other.created ?? 0) - (one.created ?? 0));
      const more = tags.length > mostTags;
      return { name, title: name.slice(prefix.length), artifacts: shown, tagCount: tags.length, more };
    },

    async artifact(actor, role, name, digest, signal) {
      const room = await roomFor(actor, role, name);
      const found = await view(room, name, digest, [], signal);
      if (!found) throw new Problem('not_found', 'registries.errors.noArtifact');
      return found;
    },

    async remove(actor, role, name, digest) {
      const room = await roomFor(actor, role, name);
      const [use, ...others] = uses(role, name, digest);
      if (use)
        throw new Problem('conflict', 'registries.errors.inUse', { name: use.name, others: others.length });
      await removeWithParts(room, name, digest);
      audit({
        actor,
        action: 'registry.delete',
        subject: { type: 'registry', id: role },
        detail: { repository: name, digest },
      });
      changed(role);
    },
  };

  /** Digests of a repository with their tags: those that tags name, and those that we put there ourselves. */
  async function heldAt(room: Room, name: string, most: number, signal: AbortSignal | undefined) {
    const tags = await asked(room, () => room.registry.tags(name, { signal }));
    const own = rows.of(room.role, name.slice(room.client.prefix.length)).slice(0, most);
    const byDigest = new Map<string, string[]>(own.map((digest) => [digest, []]));
    await asked(room, () =>
      each(tags.slice(0, most), async (tag) => {
        const digest = (await room.registry.head(name, tag, { signal }))?.digest;
        if (digest !== undefined) byDigest.set(digest, [...(byDigest.get(digest) ?? []), tag]);
      }),
    );
    return { byDigest, tags };
  }

  /**
   * Removes a manifest, and of an index the parts that nothing else names.
   *
   * @throws Problem `conflict` for a part of an index: that one could be pulled by nobody any more
   */
  async function removeWithParts(room: Room, name: string, digest: string): Promise<void> {
    // All of them, however many: an index that was not looked into would lose its parts.
    const { byDigest } = await heldAt(room, name, Number.POSITIVE_INFINITY, undefined);
    const partsOf = new Map<string, string[]>();
    await asked(room, () =>
      each([...byDigest.keys(), digest], async (other) => {
        const stored = await room.registry.manifest(name, other);
        if (stored?.manifest.kind === 'index')
          partsOf.set(
            other,
            stored.manifest.manifests.map((part) => part.digest),
          );
      }),
    );
    const own = partsOf.get(digest) ?? [];
    partsOf.delete(digest);
    const named = new Set([...partsOf.values()].flat());
    if (named.has(digest)) throw new Problem('conflict', 'registries.errors.member');
    await asked(room, () => room.registry.deleteManifest(name, digest));
    const unnamed = own.filter(
      (part) => !named.has(part) && !byDigest.get(part)?.length && uses(room.role, name, part).length === 0,
    );
    await asked(room, () => each(unnamed, (part) => room.registry.deleteManifest(name, part)));
  }
}

const unknownFacts: ArtifactFacts = {
  mediaType: '',
  kind: 'image',
  size: 0,
  platforms: [],
  layers: [],
  manifests: [],
};

/** Some at a time. @throws what the first of them threw */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, left.length) }, worker));
}
