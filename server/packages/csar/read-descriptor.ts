import { isMap, isScalar, LineCounter, parseDocument, visit, type Document, type Node } from 'yaml';
import type { Findings } from './findings';

/** What the descriptor says, as far as pages and checks need it. */
export interface Descriptor {
  name: string | undefined;
  provider: string | undefined;
  version: string | undefined;
  description: string | undefined;
}

const knownFunctions = new Set([
  'get_input',
  'get_attribute',
  'get_property',
  'get_artifact',
  'get_operation_output',
  'get_nodes_of_type',
  'concat',
  'token',
]);

/**
 * Reads a TOSCA descriptor. What it gets wrong is written down with its line, and reading goes on: EdgeGallery's own
 * samples contain misspelt functions and bindings to nodes that are called otherwise.
 *
 * @param file path to show in remarks
 * @param siblings paths of the files that stand beside it, for imports
 * @param imageNames names that SwImageDesc.json states; undefined when there is none
 */
export function readDescriptor(
  text: string,
  file: string,
  siblings: readonly string[],
  imageNames: ReadonlySet<string> | undefined,
  findings: Findings,
): Descriptor {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, strict: false, uniqueKeys: true });
  const lineOf = (node: unknown) => lineAt(lines, node);
  for (const error of document.errors) {
    findings.add('yamlInvalid', file, error.linePos?.[0].line, { message: firstLine(error.message) });
  }
  for (const warning of document.warnings) {
    findings.add('yamlDoubtful', file, warning.linePos?.[0].line, { message: firstLine(warning.message) });
  }
  if (document.errors.length > 0 && !isMap(document.contents)) return emptyDescriptor;
  checkImports(document, file, siblings, findings, lineOf);
  checkFunctions(document, file, findings, lineOf);
  checkNodes(document, file, imageNames, findings, lineOf);
  const say = (key: string) => {
    const value = document.getIn(['metadata', key]);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  return {
    name: say('vnfd_name') ?? say('template_name'),
    provider: say('template_author'),
    version: say('vnfd_version') ?? say('template_version'),
    description: say('vnfd_description'),
  };
}

const emptyDescriptor: Descriptor = {
  name: undefined,
  provider: undefined,
  version: undefined,
  description: undefined,
};

type LineOf = (node: unknown) => number | undefined;

function checkImports(
  document: Document,
  file: string,
  siblings: readonly string[],
  findings: Findings,
  lineOf: LineOf,
): void {
  const folder = file.slice(0, file.lastIndexOf('/') + 1);
  for (const item of itemsAt(document, ['imports'])) {
    const name = isScalar(item) ? item.value : undefined;
    // Other forms (`- file: …`, URLs) name things that need not be inside.
    if (typeof name !== 'string' || /^[a-z]+:/.test(name)) continue;
    const present = siblings.some((path) => path === `${folder}${name}` || path.endsWith(`/${name}`));
    if (!present) findings.add('importMissing', file, lineOf(item), { name });
  }
}

function checkFunctions(document: Document, file: string, findings: Findings, lineOf: LineOf): void {
  visit(document, {
    Pair(_key, pair) {
      if (!isScalar(pair.key) || typeof pair.key.value !== 'string') return;
      const word = pair.key.value;
      if (/^get_\w+$/.test(word) && !knownFunctions.has(word)) {
        findings.add('unknownFunction', file, lineOf(pair.key), { word });
      }
    },
  });
}

function checkNodes(
  document: Document,
  file: string,
  imageNames: ReadonlySet<string> | undefined,
  findings: Findings,
  lineOf: LineOf,
): void {
  const nodes = document.getIn(['topology_template', 'node_templates']);
  if (!isMap(nodes)) return;
  const names = new Set(nodes.items.map((item) => String(isScalar(item.key) ? item.key.value : item.key)));
  let computes = 0;
  for (const { value: node } of nodes.items) {
    if (!isMap(node)) continue;
    if (String(node.get('type')).endsWith('Vdu.Compute')) {
      computes += 1;
      const image = node.getIn(['properties', 'sw_image_data', 'name'], true);
      checkImageNames(image, file, imageNames, findings, lineOf);
    }
    const requirements = node.get('requirements');
    const list = typeof requirements === 'object' && requirements !== null && 'items' in requirements;
    for (const item of list ? (requirements.items as unknown[]) : []) {
      if (!isMap(item)) continue;
      for (const [key, rule] of [
        ['virtual_binding', 'bindingUnknown'],
        ['virtual_link', 'linkUnknown'],
      ] as const) {
        const target = item.get(key, true);
        const name = isScalar(target) ? target.value : undefined;
        if (typeof name === 'string' && !names.has(name)) findings.add(rule, file, lineOf(target), { name });
      }
    }
  }
  if (computes === 0) findings.add('noCompute', file, lineOf(nodes));
}

/** Container descriptors list several images in one value, parted by commas. */
function checkImageNames(
  node: unknown,
  file: string,
  known: ReadonlySet<string> | undefined,
  findings: Findings,
  lineOf: LineOf,
): void {
  if (known === undefined || !isScalar(node) || typeof node.value !== 'string') return;
  for (const name of node.value.split(',').map((part) => part.trim())) {
    if (name !== '' && !known.has(name)) findings.add('imageUnknown', file, lineOf(node), { name });
  }
}

function itemsAt(document: Document, path: string[]): unknown[] {
  const list = document.getIn(path);
  return typeof list === 'object' && list !== null && 'items' in list ? (list.items as unknown[]) : [];
}

function lineAt(lines: LineCounter, node: unknown): number | undefined {
  const range = (node as Partial<Node> | undefined)?.range;
  return range ? lines.linePos(range[0]).line : undefined;
}

const firstLine = (text: string) => (text.split('\n')[0] ?? '').slice(0, 300);
