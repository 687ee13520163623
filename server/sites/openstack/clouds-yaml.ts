/** The clouds of a clouds.yaml, as openstacksdk reads it: docs.openstack.org/openstacksdk, "Configuring OpenStack SDK Applications". */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { Problem } from '../../problem';

type Resolve = (node: unknown) => unknown;
type LineOf = (node: unknown) => number;

interface CloudEntry {
  name: string;
  said: Map<string, { value: string; line: number }>;
  regions: string[];
}

/**
 * Takes a clouds.yaml apart. Every value stays the text it is: a password of digits is no number.
 *
 * @param text one or more YAML documents; a `clouds` mapping that comes again (secure.yaml) is merged into the first
 * @throws Problem `invalid` with the line, for text that is no YAML or has no mapping where one belongs
 */
export function cloudsIn(text: string): CloudEntry[] {
  const lines = new LineCounter();
  const lineOf: LineOf = (node) => {
    const range = (node as Node | null)?.range;
    return range ? lines.linePos(range[0]).line : 1;
  };
  // Two files pasted as one have the key `clouds` twice.
  const documents = parseAllDocuments(text, {
    schema: 'failsafe',
    uniqueKeys: false,
    lineCounter: lines,
  });
  const clouds = new Map<string, CloudEntry>();
  for (const document of Array.isArray(documents) ? documents : []) {
    const [fault] = document.errors;
    if (fault) {
      const line = fault.linePos?.[0].line ?? 1;
      throw new Problem('invalid', 'sites.import.badYaml', { line }, { detail: firstLine(fault.message) });
    }
    const resolve: Resolve = (node) => (isAlias(node) ? node.resolve(document) : node);
    for (const pair of pairsOf(document.contents)) {
      if (keyOf(pair) !== 'clouds') continue;
      if (!isMap(pair.value)) throw notMapping('clouds', lineOf(pair.key));
      for (const entry of pairsOf(pair.value)) {
        const name = keyOf(entry);
        const value = resolve(entry.value);
        if (!isMap(value)) throw notMapping(name, lineOf(entry.key));
        const cloud = clouds.get(name) ?? { name, said: new Map(), regions: [] };
        clouds.set(name, cloud);
        readEntry(cloud, value, resolve, lineOf);
      }
    }
  }
  return [...clouds.values()];
}

/** Reads a mapping into the cloud; what it says itself wins over what it merges in (`<<: *defaults`). */
function readEntry(cloud: CloudEntry, map: YAMLMap, resolve: Resolve, lineOf: LineOf, depth = 0): void {
  // An anchor may hold an alias of itself.
  if (depth > 8) return;
  const merged = map.items.filter((pair) => keyOf(pair) === '<<');
  const own = map.items.filter((pair) => keyOf(pair) !== '<<');
  for (const pair of [...merged, ...own]) {
    const key = keyOf(pair).replaceAll('-', '_');
    const value = resolve(pair.value);
    if (isMap(value) && (key === 'auth' || key === '<<')) readEntry(cloud, value, resolve, lineOf, depth + 1);
    else if (isSeq(value) && key === 'regions') cloud.regions = value.items.map(regionOf);
    else if (isScalar(value)) cloud.said.set(key, { value: textOf(value), line: lineOf(pair.value) });
  }
}

/** A region is a name, or a mapping with a name and values of its own. */
function regionOf(item: unknown): string {
  const named = pairsOf(item).find((pair) => keyOf(pair) === 'name');
  return textOf(named ? named.value : item);
}

function pairsOf(node: unknown): Pair[] {
  return isMap(node) ? node.items : [];
}

function keyOf(pair: Pair): string {
  return textOf(pair.key);
}

// In the failsafe schema every scalar is text.
function textOf(node: unknown): string {
  return isScalar(node) && typeof node.value === 'string' ? node.value : '';
}

function notMapping(name: string, line: number): Problem {
  return new Problem('invalid', 'sites.import.notMapping', { name, line });
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}
