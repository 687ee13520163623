/** Many edges out of one file: what would become of each entry, and making it so. */
import { isDeepStrictEqual } from 'node:util';
import type { UserActor } from '../../access/actor';
import { asProblem, Problem } from '../../problem';
import type {
  ConfigurableKind,
  CreateSiteInput,
  ExamineSiteInput,
  SiteConfig,
  SiteRow,
} from '../../sites/schemas';
import { passwordsFor, withoutPasswords } from './edge-registries';
import type { EdgeRows } from './edge-rows';
import { headOf, readEntry, type Wish } from './import-entry';
import { readImport, type RawEntry } from './import-text';
import type { EdgeSites } from './open-edges';
import type { EdgeView, ImportedEdge, ImportEdges, UpdateEdge } from './schemas';

export interface ImportPorts {
  siteRoom: EdgeSites;
  rows: EdgeRows;
  update: (actor: UserActor, id: string, input: UpdateEdge) => EdgeView;
}

/** What is to be done for an entry. */
type Plan = { entry: ImportedEdge } & (
  | { todo: 'create'; wish: Wish & { config: SiteConfig } }
  | { todo: 'update'; wish: Wish; site: SiteRow }
  | { todo: 'nothing' }
);

/** Opens the import. */
export function openImport({ siteRoom, rows, update }: ImportPorts) {
  /** Changes nothing; what is refused stops no other. */
  function plan(input: ImportEdges): Plan[] {
    const entries = readImport(input);
    const known = new Map(siteRoom.list().map(({ id, name }) => [name, id]));
    const firsts = new Map<string, number>();
    return entries.map((raw) => {
      const entry = {
        line: raw.line,
        ...headOf(raw),
        problem: null,
        edgeId: known.get(headOf(raw).name) ?? null,
      };
      try {
        const first = firsts.get(entry.name);
        if (first !== undefined)
          throw new Problem('conflict', 'edges.import.twice', { line: raw.line, first });
        if (entry.name !== '') firsts.set(entry.name, raw.line);
        return planOf(raw, entry);
      } catch (error) {
        return {
          entry: { ...entry, outcome: 'refused', problem: asProblem(error).report() },
          todo: 'nothing',
        };
      }
    });
  }

  function planOf(raw: RawEntry, entry: Omit<ImportedEdge, 'outcome'>): Plan {
    const site = entry.edgeId === null ? undefined : siteRoom.get(entry.edgeId);
    const wish = readEntry(raw, siteRoom.readLogins, () => site?.config);
    if (!site) {
      const { config } = wish;
      if (!config) throw new Problem('invalid', 'edges.import.noConfig', { line: raw.line });
      siteRoom.check(tried(wish.kind, config, wish.secret));
      if (wish.edge.registry) passwordsFor(null, { push: undefined, pull: undefined }, wish.edge.registry);
      return { entry: { ...entry, outcome: 'create' }, todo: 'create', wish: { ...wish, config } };
    }
    const { line } = raw;
    if (site.builtIn) throw new Problem('conflict', 'edges.import.builtIn', { line, name: site.name });
    if (site.kind !== wish.kind)
      throw new Problem('conflict', 'edges.import.otherKind', { line, kind: site.kind });
    if (site.purpose !== 'edge')
      throw new Problem('conflict', 'edges.import.sandbox', { line, name: site.name });
    if (wish.config ?? wish.secret) {
      const config = wish.config ?? site.config;
      if (config) siteRoom.check({ ...tried(wish.kind, config, wish.secret), siteId: site.id });
    }
    const left = whatDiffers(site, wish);
    return left === undefined
      ? { entry: { ...entry, outcome: 'unchanged' }, todo: 'nothing' }
      : { entry: { ...entry, outcome: 'update' }, todo: 'update', wish: left, site };
  }

  /** The part of a wish that is not so already; undefined when all of it is. */
  function whatDiffers(site: SiteRow, { config, secret, enabled, edge, ...head }: Wish): Wish | undefined {
    const row = rows.get(site.id);
    const stored = rows.passwords(site.id);
    const { registry } = edge;
    const passwords = registry ? passwordsFor(row.registry, stored, registry) : undefined;
    const sameRegistry = registry
      ? isDeepStrictEqual(clean(withoutPasswords(registry)), clean(row.registry)) &&
        isDeepStrictEqual(passwords, stored)
      : registry === undefined || row.registry === null;
    const left: Wish = {
      ...head,
      config: config && !isDeepStrictEqual(config, site.config) ? config : undefined,
      secret: secret !== undefined && !siteRoom.isSecret(site.id, secret) ? secret : undefined,
      enabled: enabled !== undefined && enabled !== (site.state !== 'disabled') ? enabled : undefined,
      edge: {
        ...(edge.labels && !isDeepStrictEqual(edge.labels, row.labels) && { labels: edge.labels }),
        ...(edge.place !== undefined && !isDeepStrictEqual(edge.place, row.place) && { place: edge.place }),
        ...(!sameRegistry && { registry }),
      },
    };
    const some =
      [left.config, left.secret, left.enabled].some((each) => each !== undefined) ||
      Object.keys(left.edge).length > 0;
    return some ? left : undefined;
  }

  function carryOut(actor: UserActor, planned: Plan): ImportedEdge {
    const { entry } = planned;
    if (planned.todo === 'nothing') return entry;
    const { name, kind, config, secret, enabled, edge } = planned.wish;
    try {
      const id =
        planned.todo === 'create'
          ? siteRoom.create(actor, created(name, kind, planned.wish.config, secret)).id
          : planned.site.id;
      const site = {
        ...(planned.todo === 'update' && config && { config }),
        ...(planned.todo === 'update' && secret !== undefined && { secret }),
        ...(enabled !== undefined && { enabled }),
      };
      if (Object.keys(site).length > 0) siteRoom.update(actor, id, site);
      if (Object.values(edge).some((each) => each !== undefined)) update(actor, id, edge);
      return { ...entry, edgeId: id };
    } catch (error) {
      return { ...entry, outcome: 'refused', problem: asProblem(error).report() };
    }
  }

  return {
    preview: (input: ImportEdges): ImportedEdge[] => plan(input).map(({ entry }) => entry),
    run: (actor: UserActor, input: ImportEdges): ImportedEdge[] =>
      plan(input).map((planned) => carryOut(actor, planned)),
  };
}

/** A kind goes with its own configuration: its schema took it. */
function tried(kind: ConfigurableKind, config: SiteConfig, secret: string | undefined): ExamineSiteInput {
  return { kind, config, ...(secret !== undefined && { secret }) } as ExamineSiteInput;
}

function created(
  name: string,
  kind: ConfigurableKind,
  config: SiteConfig | undefined,
  secret: string | undefined,
): CreateSiteInput {
  const input = { name, kind, purpose: 'edge', config, ...(secret !== undefined && { secret }) };
  return input as CreateSiteInput;
}

/** Without the fields that are there and undefined. */
function clean(config: object | null): unknown {
  return config && JSON.parse(JSON.stringify(config));
}
