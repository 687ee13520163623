import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '../db/database';
import { storeSearch, type SearchResult, type StoreSearch, type StoreSort } from './schemas';

/** What the index knows of an app. */
export interface IndexedApp {
  rowId: number;
  name: string;
  provider: string;
  description: string;
  type: string;
  industry: string;
  notes: string;
}

/** One row of store_apps as a shelf shows it. */
export interface CardRow {
  id: string;
  name: string;
  provider: string;
  description: string;
  kind: 'vm' | 'container';
  type: string;
  industry: string;
  architecture: string;
  releaseId: string;
  version: string;
  size: number;
  publishedAt: number;
  downloads: number;
  releases: number;
  bootProven: number;
}

/** Full-text search over the apps on the shelves. */
export interface AppSearch {
  find(search: StoreSearch): { rows: CardRow[]; total: number; facets: SearchResult['facets'] };
  /** Puts an app into the index, or its new words. Callable inside a transaction. */
  put(app: IndexedApp): void;
  /** Takes an app out. Callable inside a transaction. */
  drop(rowId: number): void;
}

/**
 * Opens the search index (SQLite FTS5). drizzle's migrations know no virtual tables, so it is made here, and filled
 * from the apps when it is empty.
 */
export function openAppSearch(db: Db): AppSearch {
  db.run(sql`CREATE VIRTUAL TABLE IF NOT EXISTS store_search USING fts5(
    name, provider, description, type, industry, notes,
    tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3')`);
  const index: AppSearch = {
    find: (search) => find(db, search),
    put(app) {
      index.drop(app.rowId);
      const words = [app.name, app.provider, app.description, app.type, app.industry, app.notes].map(apart);
      const values = sql.join(
        words.map((text) => sql`${text}`),
        sql`, `,
      );
      db.run(
        sql`INSERT INTO store_search (rowid, name, provider, description, type, industry, notes) VALUES (${app.rowId}, ${values})`,
      );
    },
    drop: (rowId) => void db.run(sql`DELETE FROM store_search WHERE rowid = ${rowId}`),
  };
  fillWhenEmpty(db, index);
  return index;
}

function fillWhenEmpty(db: Db, index: AppSearch): void {
  if (db.get(sql`SELECT 1 FROM store_search LIMIT 1`) !== undefined) return;
  const apps = db.all<IndexedApp>(sql`
    SELECT a.row_id AS rowId, a.name, a.provider, a.description, a.type, a.industry, r.notes
    FROM store_apps a JOIN store_releases r ON r.id = a.release_id`);
  db.transaction(() => {
    for (const app of apps) index.put(app);
  });
}

function find(db: Db, asked: StoreSearch): ReturnType<AppSearch['find']> {
  const search = storeSearch.parse(asked);
  const words = matchOf(search.q ?? '');
  const from =
    words === undefined ? sql`store_apps a` : sql`store_search s JOIN store_apps a ON a.row_id = s.rowid`;
  const onShelf =
    words === undefined
      ? sql`a.release_id IS NOT NULL`
      : sql`store_search MATCH ${words} AND a.release_id IS NOT NULL`;
  const where = sql.join([onShelf, ...filtersOf(search)], sql` AND `);
  const sort = search.sort ?? (words === undefined ? 'newest' : 'relevance');
  const rows = db.all<CardRow>(sql`
    SELECT a.id, a.name, a.provider, a.description, a.kind, a.type, a.industry, a.architecture,
      a.release_id AS releaseId, a.version, a.size, a.published_at AS publishedAt, a.downloads, a.releases,
      a.boot_proven AS bootProven
    FROM ${from} WHERE ${where} ORDER BY ${orderOf(sort, words !== undefined)}, a.row_id DESC
    LIMIT ${search.limit} OFFSET ${search.offset}`);
  return { rows, ...count(db, sql`FROM ${from} WHERE ${onShelf}`, search) };
}

const dimensions = ['kind', 'type', 'industry', 'architecture'] as const;
type Dimension = (typeof dimensions)[number];
type Chosen = Partial<Record<Dimension, string | undefined>>;

function filtersOf(chosen: Chosen): SQL[] {
  return dimensions.flatMap((name) =>
    chosen[name] === undefined ? [] : [sql`a.${sql.identifier(name)} = ${chosen[name]}`],
  );
}

/** All counts out of one pass: there are few combinations, however many apps. */
function count(db: Db, fromWhere: SQL, chosen: Chosen): { total: number; facets: SearchResult['facets'] } {
  type Group = Record<Dimension, string> & { n: number };
  const groups = db.all<Group>(sql`
    SELECT a.kind, a.type, a.industry, a.architecture, count(*) AS n ${fromWhere}
    GROUP BY a.kind, a.type, a.industry, a.architecture`);
  const fits = (group: Group, but?: Dimension) =>
    dimensions.every((name) => name === but || chosen[name] === undefined || group[name] === chosen[name]);
  const facet = (name: Dimension) => {
    const counts = new Map<string, number>();
    for (const group of groups) {
      if (fits(group, name)) counts.set(group[name], (counts.get(group[name]) ?? 0) + group.n);
    }
    return [...counts]
      .map(([value, n]) => ({ value, count: n }))
      .toSorted((a, b) => b.count - a.count || a.value.localeCompare(b.value, 'en'));
  };
  return {
    total: groups.filter((group) => fits(group)).reduce((sum, group) => sum + group.n, 0),
    facets: {
      kind: facet('kind'),
      type: facet('type'),
      industry: facet('industry'),
      architecture: facet('architecture'),
    },
  };
}

function orderOf(sort: StoreSort, searching: boolean): SQL {
  if (sort === 'name') return sql`a.name COLLATE NOCASE`;
  if (sort === 'downloads') return sql`a.downloads DESC`;
  if (sort === 'size') return sql`a.size`;
  // A word in the name says more than one in the notes.
  if (sort === 'relevance' && searching) return sql`bm25(store_search, 10, 5, 2, 3, 3, 1)`;
  return sql`a.published_at DESC`;
}

const han = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;

/** SQLite's tokenizer parts words at spaces; Chinese has none, so every character becomes a word. */
const apart = (text: string) => text.replace(han, ' $& ');

/**
 * What was typed as an FTS5 query: every word must be there, the last ones as beginnings, because people are still
 * typing; a run of Chinese characters must stand together.
 *
 * @returns undefined when nothing that can be searched for was typed
 */
export function matchOf(typed: string): string | undefined {
  const runs = typed.match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  const terms = runs.flatMap((run) => {
    const parts = run.match(
      /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+|[^\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+/gu,
    );
    return (parts ?? []).map((part) => {
      const tokens = apart(part).trim().split(/\s+/);
      return tokens.length > 1 || part.search(han) === 0 ? `"${tokens.join(' ')}"` : `"${part}"*`;
    });
  });
  return terms.length === 0 ? undefined : terms.slice(0, 12).join(' AND ');
}
