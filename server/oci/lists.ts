import { repositoryName, repositoryScope } from './names';
import { type Registry, RegistryError } from './oci';
import type { Answer, Wire } from './wire';

/** Most names that a page of a list is asked for. */
const pageSize = 1000;
/** Where a list that never ends is cut off. */
const mostPages = 1000;
const pageLimit = 64 * 2 ** 20;

/** Tags and repositories of a registry. */
export function listsOf(wire: Wire): Pick<Registry, 'tags' | 'repositories'> {
  /** All pages of a list; none where there is no such thing. */
  const pages = async (
    list: { path: string; scope: string; key: 'tags' | 'repositories' },
    signal: AbortSignal | undefined,
  ) => {
    const found = new Set<string>();
    const scopes = [list.scope];
    let next: string | undefined = list.path;
    for (let page = 0; next !== undefined && page < mostPages; page += 1) {
      const answer: Answer & { bytes: Buffer } = await wire.askWhole(
        { method: 'GET', path: next, scopes, signal, ok: [200, 404] },
        pageLimit,
      );
      if (answer.status === 404) break;
      const names = jsonOf(answer)[list.key];
      const before = found.size;
      // docker-registry says null for a repository whose tags are all gone.
      if (Array.isArray(names)) for (const name of names) if (typeof name === 'string') found.add(name);
      // A page that brings nothing new leads round in a circle.
      next = found.size > before ? nextOf(answer) : undefined;
    }
    return [...found];
  };

  return {
    tags: async (repository, call) => {
      const path = `/v2/${repositoryName(repository)}/tags/list?n=${pageSize}`;
      return await pages({ path, scope: repositoryScope(repository, 'pull'), key: 'tags' }, call?.signal);
    },
    repositories: async (prefix, call) => {
      const path = `/v2/_catalog?n=${pageSize}`;
      const all = await pages({ path, scope: 'registry:catalog:*', key: 'repositories' }, call?.signal);
      return all.filter((name) => name.startsWith(prefix));
    },
  };
}

function jsonOf(answer: Answer & { bytes: Buffer }): Record<string, unknown> {
  try {
    return { ...(JSON.parse(answer.bytes.toString('utf8')) as Record<string, unknown>) };
  } catch (error) {
    const words = answer.bytes.subarray(0, 120).toString('utf8');
    throw new RegistryError('notARegistry', `${answer.url}: no JSON`, { url: answer.url, words }, error);
  }
}

/** The next page's address (RFC 8288, `Link: <…>; rel="next"`). */
export function nextOf(answer: Answer): string | undefined {
  const address = /<([^>]+)>\s*;\s*rel="?next"?/i.exec(answer.headers['link'] ?? '')?.[1];
  return address === undefined || !URL.canParse(address, answer.url)
    ? undefined
    : new URL(address, answer.url).href;
}
