import { hasRole, type UserActor } from '../../access/actor';
import type { AuditedChange, SecretsPort } from '../../access/ports';
import type { Db } from '../../db/database';
import type { Events } from '../../jobs/events';
import type { Log } from '../../log';
import type { Registry, RegistryAccess } from '../../oci/oci';
import { Problem } from '../../problem';
import { runsOf, type Sites } from '../../sites/sites';
import type { SiteStanding } from '../../sites/registry';
import { openEdgeHealth } from './edge-health';
import { openEdgeRegistries, passwordsFor, withoutPasswords } from './edge-registries';
import { noPasswords, openEdgeRows, type EdgeRow } from './edge-rows';
import type { Edges } from './edges';
import { openImport } from './import-edges';
import { openMecHosts } from './mec-hosts';
import type { EdgeView, UpdateEdge } from './schemas';

/** What edges need from the rest of the house. */
export interface EdgePorts {
  db: Db;
  events: Events;
  log: Pick<Log, 'warn'>;
  audit(record: AuditedChange): void;
  secrets: SecretsPort;
  /** The sites, of which those of purpose `edge` are the edges. */
  siteRoom: EdgeSites;
  openRegistry: (access: RegistryAccess) => Registry;
  now?: (() => number) | undefined;
  /** Milliseconds between two looks at an edge, and that one may take. */
  everyMs?: number | undefined;
  limitMs?: number | undefined;
}

/** What of the sites room is needed. */
export type EdgeSites = Pick<
  Sites,
  | 'registry'
  | 'list'
  | 'get'
  | 'create'
  | 'update'
  | 'remove'
  | 'check'
  | 'isSecret'
  | 'addressOf'
  | 'readLogins'
>;

/** Less than this says more of the way there and back than of the speed. */
const tellingBytes = 1024 ** 2;

/** Opens the edges; they are looked at from `open` on. */
export function openEdges(ports: EdgePorts): Edges {
  const { events, siteRoom, now = Date.now } = ports;
  const sites = siteRoom.registry;
  const rows = openEdgeRows(ports.db, ports.secrets, now);
  const registries = openEdgeRegistries(rows, ports.openRegistry);
  const changed = (id: string) => {
    events.publish({ topic: 'edge', id, audience: { role: 'developer' } });
  };
  const standings = () =>
    siteRoom.list().flatMap(({ id, purpose }) => (purpose === 'edge' ? (sites.standing(id) ?? []) : []));
  const health = openEdgeHealth({
    ...ports,
    sites,
    rows,
    registries,
    changed,
    now,
    ids: () => standings().map(({ id }) => id),
  });

  const require = (id: string): SiteStanding => {
    const standing = sites.standing(id);
    return standing?.purpose === 'edge' ? standing : noEdge(id);
  };
  const forget = (id: string): void => {
    registries.renew(id);
    rows.remove(id);
    forgetSite(id);
  };
  const get = (id: string) => viewOf(require(id), rows.get(id));

  const update = (actor: UserActor, id: string, input: UpdateEdge): EdgeView => {
    const { name } = require(id);
    const { labels, place, registry } = input;
    if (registry !== undefined && !hasRole(actor, 'admin')) {
      throw new Problem('forbidden', 'access.errors.needsRole', { role: 'admin' });
    }
    const before = rows.get(id);
    const passwords = registry ? passwordsFor(before.registry, rows.passwords(id), registry) : noPasswords;
    const what = (['labels', 'place', 'registry'] as const).filter((key) => input[key] !== undefined);
    ports.db.transaction(() => {
      rows.write(id, { ...(labels && { labels }), ...(place !== undefined && { place }) });
      if (registry !== undefined) {
        rows.setRegistry(id, registry && withoutPasswords(registry), passwords);
      }
      const detail = { name, changed: what.join(', ') };
      ports.audit({ actor, action: 'edge.update', subject: { type: 'edge', id }, detail });
    });
    if (registry !== undefined) {
      registries.renew(id);
      health.heed(id);
    }
    changed(id);
    return get(id);
  };
  const parts = { siteRoom, rows, update };
  const imports = openImport(parts);
  const { mecHosts, forgetSite } = openMecHosts({ ...ports, siteRoom, update, list: () => list(), get });

  function list(): EdgeView[] {
    const known = new Map(rows.all().map((row) => [row.siteId, row]));
    return standings()
      .map((standing) => viewOf(standing, known.get(standing.id) ?? rows.fresh(standing.id)))
      .toSorted((a, b) => a.name.localeCompare(b.name));
  }

  const stopListening = events.subscribe(({ topic, id }) => {
    if (topic !== 'site') return;
    const standing = sites.standing(id);
    if (standing?.purpose === 'edge') health.heed(id);
    else if (!standing) forget(id);
    changed(id);
  });

  return {
    list,
    registryUrls: () => rows.registryUrls(),
    get,
    update,
    previewImport: imports.preview,
    import: imports.run,
    async check(id, signal) {
      require(id);
      await health.look(id, signal);
      return get(id);
    },
    async registryOf(id) {
      require(id);
      return registries.of(rows.get(id));
    },
    measured(id, bytes, ms) {
      if (bytes < tellingBytes || ms <= 0 || !sites.standing(id)) return;
      rows.write(id, { speed: (bytes * 1000) / ms });
      changed(id);
    },
    mecHosts,
    open() {
      // What went while this room was not there to hear of it.
      for (const { siteId } of rows.all()) if (!sites.standing(siteId)) forget(siteId);
      health.open();
    },
    async close() {
      stopListening();
      await health.close();
      await registries.close();
    },
  };
}

function viewOf({ id, name, kind, state }: SiteStanding, row: EdgeRow): EdgeView {
  const { registry, hasPassword, hasPullPassword, labels, place, capacity, capacityAt, speed } = row;
  return {
    id,
    name,
    kind,
    runs: runsOf[kind],
    enabled: state !== 'disabled',
    labels,
    place,
    registry: registry && { ...registry, hasPassword, hasPullPassword },
    health: { state: row.health, problem: row.problem, since: row.since, checkedAt: row.checkedAt },
    capacity,
    capacityAt,
    speed,
  };
}

/** @throws Problem `not_found`, always */
function noEdge(id: string): never {
  throw new Problem('not_found', 'edges.errors.noEdge', { id });
}
