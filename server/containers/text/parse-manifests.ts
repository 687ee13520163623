import { isMap, LineCounter, parseAllDocuments, type Document, type Node } from 'yaml';
import { isObject, valueAt } from '../../sites/pod-templates';
import type { KubeObject } from '../../sites/workloads';
import type { TextFinding } from '../schemas';
import { wrongFields } from './field-types';
import { alsoRight, knownKinds, type KnownKind } from './kinds';

/** An object of a text, and where its parts stand. */
export interface ParsedObject {
  value: KubeObject;
  known: KnownKind | undefined;
  /** Line from 1 of a path below the object, or of the nearest part above it. */
  lineOf: (path: readonly (string | number)[]) => number;
}

interface ParsedText {
  objects: ParsedObject[];
  findings: TextFinding[];
}

type Say = (
  rule: string,
  path: readonly (string | number)[],
  params?: TextFinding['params'],
  severity?: TextFinding['severity'],
) => void;

/** Objects in one text at most. */
const maxObjects = 500;

/**
 * Reads manifests, several documents in one text, and says what is wrong with them, by line.
 *
 * @param file name of the file for the findings; empty for a text without one
 */
export function parseManifests(text: string, file = ''): ParsedText {
  const lines = new LineCounter();
  const findings: TextFinding[] = [];
  const objects: ParsedObject[] = [];
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  if (!Array.isArray(documents)) return { objects, findings };
  for (const document of documents as Document.Parsed[]) {
    for (const [list, severity] of [
      [document.errors, 'error'],
      [document.warnings, 'warning'],
    ] as const) {
      for (const { pos, message } of list) {
        const { line, col } = lines.linePos(pos[0]);
        findings.push({ severity, file, line, column: col, rule: 'yaml', params: {}, detail: message });
      }
    }
    if (document.errors.length === 0) readDocument(document, lines, file, findings, objects);
  }
  sayDuplicates(objects, file, findings);
  return { objects, findings };
}

function readDocument(
  document: Document.Parsed,
  lines: LineCounter,
  file: string,
  findings: TextFinding[],
  objects: ParsedObject[],
): void {
  const content: Node | null = document.contents;
  const place = placer(document, lines);
  const say: Say = (rule, path, params = {}, severity = 'error') => {
    findings.push({ severity, file, ...place(path), rule, params });
  };
  let value: unknown;
  try {
    // Aliases that unfold beyond measure are refused by the parser's own limit.
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const detail = error instanceof Error ? error.message : '';
    findings.push({ severity: 'error', file, ...place([]), rule: 'yaml', params: {}, detail });
    return;
  }
  // Three dashes at the end, or a comment alone.
  if (value === null || value === undefined) return;
  if (!isMap(content) || !isObject(value)) {
    say('notAnObject', []);
    return;
  }
  const items = value.kind === 'List' && Array.isArray(value.items) ? (value.items as unknown[]) : undefined;
  const found: [unknown, readonly (string | number)[]][] = items
    ? items.map((item, i) => [item, ['items', i]])
    : [[value, []]];
  for (const [item, at] of found) {
    if (objects.length >= maxObjects) {
      say('tooManyObjects', at, { limit: maxObjects });
      return;
    }
    const sayHere: Say = (rule, path, params, severity) => {
      say(rule, [...at, ...path], params, severity);
    };
    if (!checkObject(item, sayHere)) continue;
    const lineOf = (path: readonly (string | number)[]) => place([...at, ...path]).line ?? 1;
    objects.push({ value: item, known: knownKinds[item.kind], lineOf });
  }
}

function placer(document: Document.Parsed, lines: LineCounter) {
  return (path: readonly (string | number)[]): { line: number | null; column: number | null } => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true) as Node | undefined;
      if (node?.range) {
        const { line, col } = lines.linePos(node.range[0]);
        return { line, column: col };
      }
    }
    return { line: null, column: null };
  };
}

// RFC 1123: most names; a Service's begins with a letter (RFC 1035).
const subdomain = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const serviceLabel = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;

function checkObject(value: unknown, say: Say): value is KubeObject {
  if (!isObject(value)) {
    say('notAnObject', []);
    return false;
  }
  const { apiVersion, kind, metadata } = value;
  if (typeof apiVersion !== 'string' || apiVersion === '') say('missing', [], { path: 'apiVersion' });
  if (typeof kind !== 'string' || kind === '') say('missing', [], { path: 'kind' });
  const name = isObject(metadata) ? metadata.name : undefined;
  if (typeof name !== 'string' || name === '') say('missing', ['metadata'], { path: 'metadata.name' });
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || typeof name !== 'string') return false;
  if (apiVersion === '' || kind === '' || name === '') return false;
  const rule = kind === 'Service' ? serviceLabel : subdomain;
  // RBAC's names are path segments, with colons for example.
  if (
    !apiVersion.startsWith('rbac.') &&
    (!rule.test(name) || name.length > (kind === 'Service' ? 63 : 253))
  ) {
    say('badName', ['metadata', 'name'], { name });
  }
  const namespace = isObject(metadata) ? metadata.namespace : undefined;
  if (namespace !== undefined) {
    if (typeof namespace !== 'string' || !label.test(namespace))
      say('badNamespace', ['metadata', 'namespace']);
    else say('otherNamespace', ['metadata', 'namespace'], { namespace }, 'warning');
  }
  checkKind(value, apiVersion, kind, say);
  return true;
}

function checkKind(value: Record<string, unknown>, apiVersion: string, kind: string, say: Say): void {
  const known = knownKinds[kind];
  if (known === undefined) {
    say('unknownKind', ['kind'], { kind, apiVersion }, 'warning');
    return;
  }
  const right = [known.apiVersion, ...(alsoRight[kind] ?? [])];
  if (!right.includes(apiVersion)) {
    const rule = known.former.includes(apiVersion) ? 'formerVersion' : 'wrongVersion';
    say(rule, ['apiVersion'], { kind, apiVersion, expected: known.apiVersion });
  }
  if (known.clusterWide) say('clusterWide', ['kind'], { kind }, 'warning');
  for (const path of known.required) {
    const there = valueAt(value, path);
    const empty = there === undefined || there === null || (Array.isArray(there) && there.length === 0);
    if (empty) say('missing', path.split('.'), { path });
  }
  for (const { path, expected } of wrongFields({ ...value, kind })) {
    say('wrongType', path, { path: path.join('.'), expected });
  }
  checkSelector(value, say);
  if (known.pod !== undefined) checkContainers(value, known.pod, say);
}

/** A selector that its own template does not match is refused by every cluster, with a long text. */
function checkSelector(value: Record<string, unknown>, say: Say): void {
  const selector = valueAt(value, 'spec.selector.matchLabels');
  const labels = valueAt(value, 'spec.template.metadata.labels');
  if (!isObject(selector)) return;
  for (const [key, wanted] of Object.entries(selector)) {
    if (!isObject(labels) || labels[key] !== wanted) {
      say('selector', ['spec', 'selector', 'matchLabels', key], { label: `${key}=${String(wanted)}` });
    }
  }
}

function checkContainers(value: Record<string, unknown>, pod: string, say: Say): void {
  for (const list of ['initContainers', 'containers']) {
    const containers = valueAt(value, `${pod}.${list}`);
    if (!Array.isArray(containers)) continue;
    const names = new Set<string>();
    for (const [i, container] of (containers as unknown[]).entries()) {
      const path = [...pod.split('.'), list, i];
      if (!isObject(container)) {
        say('notAnObject', path);
        continue;
      }
      const { name, image } = container;
      if (typeof name !== 'string' || !label.test(name))
        say('badName', [...path, 'name'], { name: String(name) });
      else if (names.has(name)) say('containerTwice', [...path, 'name'], { name });
      else names.add(name);
      if (typeof image !== 'string' || image === '') say('missing', path, { path: 'image' });
    }
  }
}

function sayDuplicates(objects: ParsedObject[], file: string, findings: TextFinding[]): void {
  const seen = new Set<string>();
  for (const { value, lineOf } of objects) {
    const key = `${value.apiVersion.split('/')[0] ?? ''} ${value.kind} ${value.metadata.name}`;
    if (seen.has(key)) {
      const params = { kind: value.kind, name: value.metadata.name };
      findings.push({
        severity: 'error',
        file,
        line: lineOf(['metadata', 'name']),
        column: null,
        rule: 'objectTwice',
        params,
      });
    }
    seen.add(key);
  }
}
