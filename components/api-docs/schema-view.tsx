'use client';

import { useTranslations } from 'next-intl';
import { InlineCode } from '../ui/code-block';
import { resolve, type ApiDocument, type Schema } from './openapi';

/** Deeper than this only the name of a schema is shown; it is unfolded where the reader asks. */
const openDepth = 1;

/** A schema in words: each property with its type, whether it must be there, and its limits. */
export function SchemaView({
  document,
  schema: given,
  depth = 0,
}: {
  document: ApiDocument;
  schema: Schema;
  depth?: number;
}) {
  const { schema } = resolve(document, given);
  const inner = innerObject(document, schema);
  const properties = Object.entries(inner?.properties ?? {});
  if (!inner || properties.length === 0) return <TypeName document={document} schema={given} />;
  return (
    <ul className="border-border flex flex-col border-l pl-3">
      {properties.map(([name, property]) => (
        <Property
          key={name}
          name={name}
          document={document}
          schema={property}
          required={inner.required?.includes(name) ?? false}
          depth={depth}
        />
      ))}
    </ul>
  );
}

function Property({
  name,
  document,
  schema,
  required,
  depth,
}: {
  name: string;
  document: ApiDocument;
  schema: Schema;
  required: boolean;
  depth: number;
}) {
  const t = useTranslations('api.docs');
  const resolved = resolve(document, schema).schema;
  const hasMore = Object.keys(innerObject(document, resolved)?.properties ?? {}).length > 0;
  const head = (
    <span className="inline-flex flex-wrap items-baseline gap-x-2">
      <InlineCode>{name}</InlineCode>
      <TypeName document={document} schema={schema} />
      {required && <span className="text-warning text-xs">{t('required')}</span>}
      <Limits schema={resolved} />
      {resolved.description !== undefined && (
        <span className="text-text-muted text-sm">{resolved.description}</span>
      )}
    </span>
  );
  if (!hasMore) return <li className="py-1">{head}</li>;
  return (
    <li className="py-1">
      <details open={depth < openDepth}>
        <summary className="cursor-pointer">{head}</summary>
        <div className="pt-1 pl-2">
          <SchemaView document={document} schema={schema} depth={depth + 1} />
        </div>
      </details>
    </li>
  );
}

function Limits({ schema }: { schema: Schema }) {
  const t = useTranslations('api.docs');
  const { minimum, maximum, minLength, maxLength, enum: values } = schema;
  const words: string[] = [];
  // zod writes the bounds of safe integers, which tell nobody anything.
  const telling = (value: number | undefined) =>
    value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined;
  const [least, most] = [telling(minimum), telling(maximum)];
  if (least !== undefined) words.push(`≥ ${least}`);
  if (most !== undefined) words.push(`≤ ${most}`);
  if (minLength !== undefined && minLength > 0) words.push(t('minLength', { count: minLength }));
  if (maxLength !== undefined) words.push(t('maxLength', { count: maxLength }));
  if (values) words.push(values.map((value) => JSON.stringify(value)).join(' | '));
  if (words.length === 0) return null;
  return <span className="text-text-muted text-xs break-words">{words.join(', ')}</span>;
}

function TypeName({ document, schema }: { document: ApiDocument; schema: Schema }) {
  return <span className="text-info text-xs">{typeName(document, schema)}</span>;
}

/** For example `string`, `Job`, `VM[]` or `string | null`. */
function typeName(document: ApiDocument, given: Schema): string {
  const { schema, name } = resolve(document, given);
  if (name !== undefined) return name;
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map((choice) => typeName(document, choice)))].join(' | ');
  if (schema.items) return `${typeName(document, schema.items)}[]`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const type = Array.isArray(schema.type) ? schema.type.join(' | ') : schema.type;
  return [type ?? (schema.enum ? 'string' : 'any'), schema.format].filter(Boolean).join(' · ');
}

/** The object whose properties are worth showing: the schema itself, or what its list or its choices hold. */
function innerObject(document: ApiDocument, schema: Schema): Schema | undefined {
  if (schema.properties) return schema;
  if (schema.items) return innerObject(document, resolve(document, schema.items).schema);
  const parts = schema.allOf ?? schema.anyOf ?? schema.oneOf;
  if (!parts) return undefined;
  const objects = parts.map((part) => innerObject(document, resolve(document, part).schema));
  const known = objects.filter((part) => part !== undefined);
  if (known.length === 0) return undefined;
  if (!schema.allOf) return known[0];
  return {
    properties: Object.assign({}, ...known.map(({ properties }) => properties)) as Record<string, Schema>,
    required: known.flatMap(({ required }) => required ?? []),
  };
}
