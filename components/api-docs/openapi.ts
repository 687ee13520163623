/** What this page reads of an OpenAPI 3.1 document, and what it makes of it. */
import type { Rule } from '@/server/api/trpc/base';

export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  additionalProperties?: boolean | Schema;
  format?: string;
  default?: unknown;
  example?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  description?: string;
  schema?: Schema;
}

interface Content {
  content?: Record<string, { schema?: Schema }>;
}

interface RawOperation {
  tags?: string[];
  summary?: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: Content & { required?: boolean };
  responses?: Record<string, Content & { description?: string }>;
  'x-rule'?: Pick<Rule, 'role' | 'scope'>;
}

export interface ApiDocument {
  info: { title: string; description?: string };
  servers?: { url: string }[];
  paths: Record<string, Record<string, RawOperation>>;
  components?: { schemas?: Record<string, Schema> };
}

export interface Operation extends RawOperation {
  /** Anchor of the operation, for example `get-api-v1-jobs-id`. */
  id: string;
  method: string;
  path: string;
}

/** All operations by tag, both in the document's order. */
export function operationsByTag(document: ApiDocument): Map<string, Operation[]> {
  const byTag = new Map<string, Operation[]>();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags?.[0] ?? '';
      const id = `${method}${path}`.replace(/[^a-zA-Z0-9]+/g, '-').replace(/-$/, '');
      const list = byTag.get(tag) ?? [];
      list.push({ ...operation, id, method: method.toUpperCase(), path });
      byTag.set(tag, list);
    }
  }
  return byTag;
}

/** Whether every word of the search is in the operation's method, path, summary or tag. */
export function matches(operation: Operation, search: string): boolean {
  const text = [operation.method, operation.path, operation.summary, ...(operation.tags ?? [])]
    .join(' ')
    .toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Follows `$ref` to the document's own schemas. @returns the schema and the name it has there, if any */
export function resolve(document: ApiDocument, schema: Schema): { schema: Schema; name: string | undefined } {
  const name = /^#\/components\/schemas\/(.+)$/.exec(schema.$ref ?? '')?.[1];
  if (name === undefined) return { schema, name };
  return { schema: document.components?.schemas?.[name] ?? {}, name };
}

/** The schema of a body or an answer, and its media type; undefined when it has none. */
export function contentOf(
  part: Content | undefined,
): { type: string; schema: Schema | undefined } | undefined {
  const first = Object.entries(part?.content ?? {})[0];
  return first && { type: first[0], schema: first[1].schema };
}

/**
 * A value that fits a schema, to begin a request with: examples and defaults where there are some, else the plainest.
 *
 * @param depth how deep to go; deeper objects come out empty
 */
export function exampleOf(document: ApiDocument, given: Schema, depth = 6): unknown {
  const { schema } = resolve(document, given);
  if (schema.example !== undefined) return schema.example;
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const choice = schema.anyOf?.[0] ?? schema.oneOf?.[0];
  if (choice) return exampleOf(document, choice, depth);
  if (schema.allOf) {
    const parts = schema.allOf.map((part) => exampleOf(document, part, depth));
    return Object.assign({}, ...parts) as unknown;
  }
  return plainest(document, schema, depth);
}

function plainest(document: ApiDocument, schema: Schema, depth: number): unknown {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'string':
      return '';
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 0, 0);
    case 'boolean':
      return false;
    case 'array':
      return [];
    case 'null':
      return null;
    default:
      return objectExample(document, schema, depth);
  }
}

/** An object with what is required, or with everything when nothing is. */
function objectExample(document: ApiDocument, schema: Schema, depth: number): Record<string, unknown> {
  if (depth === 0) return {};
  const properties = Object.entries(schema.properties ?? {});
  const required = new Set(schema.required ?? []);
  return Object.fromEntries(
    properties
      .filter(([name]) => required.size === 0 || required.has(name))
      .map(([name, property]) => [name, exampleOf(document, property, depth - 1)]),
  );
}
