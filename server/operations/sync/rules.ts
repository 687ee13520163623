import { appKey } from '../app-key';
import type { ReleaseRow } from './catalogue-rows';
import type { SyncRule } from './schemas';

/** Of the releases of a store, those that its rules ask for and that are not in sync as the store has them now. */
export function wantedBy(rules: readonly SyncRule[], releases: readonly ReleaseRow[]): ReleaseRow[] {
  const onShelf = releases.filter(({ withdrawnAt }) => withdrawnAt === null);
  const newest = new Map<string, ReleaseRow>();
  for (const release of onShelf) {
    const before = newest.get(appKey(release));
    if (before === undefined || isNewer(release, before)) newest.set(appKey(release), release);
  }
  return onShelf.filter(
    (release) =>
      !(release.state === 'inSync' && release.heldDigest === release.digest) &&
      rules.some(
        (rule) => fits(rule, release) && (!rule.newestOnly || newest.get(appKey(release)) === release),
      ),
  );
}

/** Whether the first was published after the second. */
export const isNewer = (
  a: Pick<ReleaseRow, 'publishedAt' | 'id'>,
  b: Pick<ReleaseRow, 'publishedAt' | 'id'>,
) => a.publishedAt > b.publishedAt || (a.publishedAt === b.publishedAt && a.id > b.id);

function fits(rule: SyncRule, release: ReleaseRow): boolean {
  return (
    like(rule.provider, release.provider) &&
    like(rule.name, release.name) &&
    (rule.kind === undefined || rule.kind === release.kind)
  );
}

/** `*` stands for any letters; case does not matter. Nothing given is anything. */
function like(pattern: string, text: string): boolean {
  const parts = (pattern === '' ? '*' : pattern).toLowerCase().split('*');
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  const word = text.toLowerCase();
  if (last === undefined) return word === first;
  if (!word.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = word.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return word.length - at >= last.length && word.endsWith(last);
}
