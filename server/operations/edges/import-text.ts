/** The entries of a file with edges, each with its line, before anything is said of what they hold. */
import { CsvError, parse as parseCsv } from 'csv-parse/sync';
import { isMap, isNode, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import { Problem } from '../../problem';
import type { ImportEdges } from './schemas';

/** One entry as it was written. */
export interface RawEntry {
  /** Line it begins on, counted from 1. */
  line: number;
  value: unknown;
  /** Line of something in it; of the entry where that cannot be told. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** Entries of one file; more is no list that a person wrote. */
const most = 1_000;

/**
 * Reads a file. In YAML it is a list, or a list under `edges`. Each entry:
 *
 *     - name: Harbour
 *       kind: kubernetes              # openstack, docker, …
 *       config: { server: 'https://10.0.0.5:6443', method: token }   # as `POST /api/v1/sites` takes it
 *       secret: eyJhb…                # token, password, key: what the kind's login says
 *       login: |                      # in place of both: a kubeconfig, clouds.yaml or openrc
 *       enabled: true
 *       labels: { region: north }
 *       place: { address: Pier 4, latitude: 53.54, longitude: 9.98 }
 *       registry: { url: 'https://10.0.0.6:5000', user: push, password: …, pullUser: …, pullPassword: … }
 *
 * In CSV (RFC 4180, with a first line of names) a column is the path of a field, `config.server` or `registry.user`.
 * Shorter names are known for: `server`, `endpoint`, `authUrl`, `url`, `userName`, `projectName`, `ca` (of `config`), `token`
 * and `password` (`secret`), `address`, `latitude`, `longitude` (of `place`), `registry` (`registry.url`). Labels stand
 * in one column as `region=north;tier=2`. An empty cell says nothing.
 *
 * @throws Problem `invalid` for a file that cannot be read, with its line
 */
export function readImport({ format, text }: ImportEdges): RawEntry[] {
  const entries = format === 'yaml' ? readYaml(text) : readCsv(text);
  if (entries.length === 0) throw new Problem('invalid', 'edges.import.empty');
  if (entries.length > most) throw new Problem('invalid', 'edges.import.tooMany', { count: most });
  return entries;
}

function readYaml(text: string): RawEntry[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [fault] = document.errors;
  if (fault) {
    const detail = fault.message.split('\n', 1)[0];
    throw new Problem('invalid', 'edges.import.badYaml', { line: fault.linePos?.[0].line ?? 1 }, { detail });
  }
  const base = isMap(document.contents) ? ['edges'] : [];
  const list = base.length === 0 ? document.contents : document.get('edges', true);
  if (list === null || list === undefined) return [];
  if (!isSeq(list)) throw new Problem('invalid', 'edges.import.noList');
  // Aliases multiply: what a few lines would unfold into is refused.
  const values = unfolded(document, base);
  return list.items.map((item, index) => {
    const startOf = (node: unknown) =>
      isNode(node) && node.range ? lines.linePos(node.range[0]).line : undefined;
    const line = startOf(item) ?? 1;
    const lineOf: RawEntry['lineOf'] = (path) => {
      for (let length = path.length; length > 0; length -= 1) {
        const found = startOf(document.getIn([...base, index, ...path.slice(0, length)], true));
        if (found !== undefined) return found;
      }
      return line;
    };
    return { line, value: values[index], lineOf };
  });
}

function unfolded(document: Document, base: readonly string[]): unknown[] {
  try {
    const whole: unknown = document.toJS({ maxAliasCount: 100 });
    const list = base.length === 0 ? whole : (whole as { edges: unknown }).edges;
    return list as unknown[];
  } catch (error) {
    const detail = error instanceof Error ? error.message : undefined;
    throw new Problem('invalid', 'edges.import.badYaml', { line: 1 }, { detail });
  }
}

const shortNames: Readonly<Record<string, string>> = {
  server: 'config.server',
  endpoint: 'config.endpoint',
  authUrl: 'config.authUrl',
  url: 'config.url',
  userName: 'config.userName',
  projectName: 'config.projectName',
  ca: 'config.ca',
  token: 'secret',
  password: 'secret',
  address: 'place.address',
  latitude: 'place.latitude',
  longitude: 'place.longitude',
  registry: 'registry.url',
};
const numbers: ReadonlySet<string> = new Set(['place.latitude', 'place.longitude']);
const switches: ReadonlySet<string> = new Set(['enabled', 'config.insecure', 'config.tls']);

function readCsv(text: string): RawEntry[] {
  let rows: { info: { lines: number }; record: Record<string, string> }[];
  try {
    rows = parseCsv(text, {
      bom: true,
      columns: true,
      info: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count_less: true,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? error.lines : 1;
    throw new Problem('invalid', 'edges.import.badCsv', { line }, { detail: error.message });
  }
  return rows.map(({ info, record }) => {
    // The parser tells the line a row ends on; a certificate in a cell has many.
    const breaks = Object.values(record).reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);
    const line = info.lines - breaks;
    return { line, value: nested(record), lineOf: () => line };
  });
}

function nested(record: Readonly<Record<string, string>>): Record<string, unknown> {
  const entry: Record<string, unknown> = {};
  for (const [column, cell] of Object.entries(record)) {
    const path = Object.hasOwn(shortNames, column) ? (shortNames[column] ?? column) : column;
    if (cell === '') continue;
    const [top = '', ...rest] = path.split('.');
    const value = path === 'labels' ? labelsIn(cell) : valueOf(path, cell);
    if (rest.length === 0) Object.defineProperty(entry, top, shown(value));
    else {
      const inner = Object.hasOwn(entry, top) ? entry[top] : {};
      Object.defineProperty(entry, top, shown({ ...(inner as object), [rest.join('.')]: value }));
    }
  }
  return entry;
}

/** A column may be called `__proto__`. */
function shown(value: unknown): PropertyDescriptor {
  return { value, enumerable: true, configurable: true, writable: true };
}

function valueOf(path: string, cell: string): string | number | boolean {
  if (numbers.has(path)) return Number(cell);
  if (switches.has(path) && /^(true|yes|1)$/i.test(cell)) return true;
  if (switches.has(path) && /^(false|no|0)$/i.test(cell)) return false;
  return cell;
}

function labelsIn(cell: string): Record<string, string> {
  const pairs = cell.split(';').filter((pair) => pair.trim() !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const [key = '', ...value] = pair.split('=');
      return [key.trim(), value.join('=').trim()];
    }),
  );
}
