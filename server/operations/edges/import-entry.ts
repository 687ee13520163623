/** What one entry of a file with edges asks for, proved against the forms of sites and edges. */
import { z } from 'zod';
import { Problem, problemFrom } from '../../problem';
import { externalRegistry } from '../../registries/schemas';
import {
  configurableKinds,
  importableKinds,
  loginSchemas,
  type ConfigurableKind,
  type ImportableKind,
  type SiteConfig,
} from '../../sites/schemas';
import type { EdgeSites } from './open-edges';
import type { RawEntry } from './import-text';
import { labels, place, updateEdge, type UpdateEdge } from './schemas';

const entry = z.strictObject({
  name: z.string().trim().min(1).max(80),
  kind: z.enum(configurableKinds),
  config: z.record(z.string(), z.unknown()).optional(),
  secret: z.coerce.string().min(1).max(50_000).optional(),
  login: z.string().max(200_000).optional(),
  enabled: z.boolean().optional(),
  labels: labels.optional(),
  place: place.nullable().optional(),
  registry: z
    .strictObject({
      ...externalRegistry.shape,
      password: z.coerce.string().max(4096).optional(),
      pullPassword: z.coerce.string().max(4096).optional(),
    })
    .nullable()
    .optional(),
});
type Entry = z.infer<typeof entry>;

/** What an entry asks for. */
export interface Wish {
  name: string;
  kind: ConfigurableKind;
  /** Whole where it makes a site; where it changes one, with what that has. Absent: stays as it is. */
  config: SiteConfig | undefined;
  secret: string | undefined;
  enabled: boolean | undefined;
  edge: UpdateEdge;
}

/** What an entry is called, as far as it can be told; for the answer. */
export function headOf({ value }: RawEntry): { name: string; kind: string } {
  const said = z.object({ name: z.unknown(), kind: z.unknown() }).safeParse(value).data;
  const word = (each: unknown) => (typeof each === 'string' ? each.trim().slice(0, 80) : '');
  return { name: word(said?.name), kind: word(said?.kind) };
}

/**
 * Reads an entry.
 *
 * @param before the configuration of the site it is about, which keeps what the entry does not name
 * @throws Problem `invalid` with the line and the field
 */
export function readEntry(
  raw: RawEntry,
  readLogins: EdgeSites['readLogins'],
  before: (name: string, kind: ConfigurableKind) => SiteConfig | undefined,
): Wish {
  const said = proved(entry, raw.value, raw, []);
  const { name, kind, enabled } = said;
  const fromFile = said.login === undefined ? undefined : loginOf(said, said.login, raw, readLogins);
  const given = { ...fromFile?.config, ...said.config };
  const config =
    Object.keys(given).length === 0
      ? undefined
      : proved(formOf(kind), { ...before(name, kind), ...given }, raw, ['config']);
  const strangers = Object.keys(said.config ?? {}).filter((key) => !(key in loginSchemas[kind].shape));
  if (strangers[0] !== undefined) throw unknownField(raw, ['config', strangers[0]]);
  const edge = proved(
    updateEdge,
    { labels: said.labels, place: said.place, registry: said.registry },
    raw,
    [],
  );
  return { name, kind, config, secret: said.secret ?? fromFile?.secret, enabled, edge };
}

function loginOf(
  { kind }: Entry,
  text: string,
  raw: RawEntry,
  readLogins: EdgeSites['readLogins'],
): { config: Record<string, unknown>; secret: string | undefined } {
  const line = raw.lineOf(['login']);
  if (!isImportable(kind)) throw new Problem('invalid', 'edges.import.noLoginFile', { line, kind });
  const [login] = readLogins(kind, text);
  if (!login) throw new Problem('invalid', 'edges.import.noLogin', { line });
  if (login.missing.includes('ca')) throw new Problem('invalid', 'edges.import.noCa', { line });
  return { config: login.login, secret: login.secret };
}

function formOf(kind: ConfigurableKind): z.ZodType<SiteConfig> {
  return loginSchemas[kind] as z.ZodType<SiteConfig>;
}

function isImportable(kind: ConfigurableKind): kind is ImportableKind {
  return importableKinds.some((each) => each === kind);
}

/** @throws Problem `invalid` that names the first field that does not fit */
function proved<T>(schema: z.ZodType<T>, value: unknown, raw: RawEntry, base: readonly PropertyKey[]): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  if (issue?.code === 'unrecognized_keys') throw unknownField(raw, [...issue.path, issue.keys[0] ?? '']);
  const path = [...base, ...(issue?.path ?? [])];
  const params = { line: raw.lineOf(path), field: path.map(String).join('.') };
  const message = issue?.message ?? '';
  // The forms name texts of ours for their own rules.
  const own = /^[a-z]+[A-Za-z]*(\.[a-z][A-Za-z]*)+$/.test(message);
  if (own) throw problemFrom({ code: 'invalid', key: message, params });
  throw new Problem('invalid', 'edges.import.badField', params, { detail: message });
}

function unknownField(raw: RawEntry, path: readonly PropertyKey[]): Problem {
  const params = { line: raw.lineOf(path), field: path.map(String).join('.') };
  return new Problem('invalid', 'edges.import.unknownField', params);
}
