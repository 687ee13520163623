import { keyedLock } from './keyed-lock';
import { nextOf } from './lists';
import { indexType, readManifest } from './manifests';
import { digestName, referrersTag, repositoryName, repositoryScope } from './names';
import type { Call, Descriptor, ImageManifest, IndexManifest, Registry, StoredManifest } from './oci';
import type { Answer, Wire } from './wire';

/** Lists under one tag are read, changed and written: one after the other. */
const atOneList = keyedLock();
const mostPages = 100;

interface Lists {
  manifest: Registry['manifest'];
  putPlain: Registry['putManifest'];
}

/** Referrers of a registry, by its API, or by the tag that stands in for it (distribution specification 1.1). */
export function referrersOf(wire: Wire, { manifest, putPlain }: Lists) {
  /** Whether the API answered, or is known to be missing. */
  let hasApi: boolean | undefined;

  const byApi = async (repository: string, digest: string, call: Call | undefined) => {
    const found: Descriptor[] = [];
    let next: string | undefined = `/v2/${repositoryName(repository)}/referrers/${digestName(digest)}`;
    for (let page = 0; next !== undefined && page < mostPages; page += 1) {
      const answer: Answer & { bytes: Buffer } = await wire.askWhole({
        method: 'GET',
        path: next,
        scopes: [repositoryScope(repository, 'pull')],
        headers: { accept: indexType },
        signal: call?.signal,
        ok: [200, 404, 405],
      });
      hasApi = answer.status === 200 && (answer.headers['content-type']?.includes(indexType) ?? false);
      if (!hasApi) return undefined;
      found.push(...listed(readManifest(answer.bytes, indexType, answer.url)));
      next = nextOf(answer);
    }
    return found;
  };
  const byTag = async (repository: string, digest: string, call: Call | undefined) => {
    const list = await manifest(repository, referrersTag(digest), call);
    return list ? listed(list.manifest) : [];
  };

  return {
    async referrers(repository: string, digest: string, call?: Call): Promise<Descriptor[]> {
      const found = hasApi === false ? undefined : await byApi(repository, digest, call);
      return found ?? (await byTag(repository, digest, call));
    },
    /** Adds a manifest that was just stored to the list of its subject, where the registry does not do so by itself. */
    async enlist(repository: string, stored: StoredManifest, call?: Call): Promise<void> {
      const { subject } = stored.manifest;
      if (subject === undefined) return;
      const tag = referrersTag(subject.digest);
      const work = async () => {
        const others = await byTag(repository, subject.digest, call);
        if (others.some(({ digest }) => digest === stored.descriptor.digest)) return;
        const manifests = [...others, describe(stored)];
        const list = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }));
        await putPlain(repository, tag, indexType, list, call);
      };
      await atOneList.hold(`${wire.url} ${repository} ${tag}`, work, call?.signal);
    },
  };
}

const listed = (index: ImageManifest | IndexManifest): Descriptor[] =>
  index.kind === 'index' ? index.manifests : [];

/** A list's entry carries the manifest's annotations, and its artifact type or else the type of its config. */
function describe({ descriptor, manifest }: StoredManifest): Descriptor {
  const artifactType =
    manifest.artifactType ?? (manifest.kind === 'image' ? manifest.config.mediaType : undefined);
  const { annotations } = manifest;
  return {
    ...descriptor,
    ...(artifactType !== undefined && { artifactType }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
}
