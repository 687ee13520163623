/** The edges as EdgeGallery's inventory names them: by an address, with the configuration sent apart. */
import { eq } from 'drizzle-orm';
import type { UserActor } from '../../access/actor';
import type { AuditedChange } from '../../access/ports';
import type { Db } from '../../db/database';
import { Problem } from '../../problem';
import type { CreateSiteInput, ImportableKind, UpdateSiteInput } from '../../sites/schemas';
import type { SiteKind } from '../../sites/site';
import type { MecHostFacts, MecHostInput, MecHostView } from './mec-host-schemas';
import { coordinatesOf, placeOf } from './coordinates';
import type { EdgeSites } from './open-edges';
import type { EdgeView, UpdateEdge } from './schemas';
import { mecHosts as table } from './tables';

/**
 * Hosts by address. One that came through EdgeGallery's paths keeps the address it was given; any other edge of a kind
 * that EdgeGallery knows is found under the host of its API, with the port where several share that host.
 */
export interface MecHosts {
  list(): MecHostView[];
  /** @throws Problem `not_found` */
  get(ip: string): MecHostView;
  /** Keeps a host, which becomes an edge with its configuration. @throws Problem `conflict` when there is one */
  add(actor: UserActor, input: MecHostInput): void;
  /** @throws Problem `not_found`; `invalid` for another address in the body; `conflict` for a name that is taken */
  change(actor: UserActor, ip: string, input: MecHostInput): void;
  /** Forgets a host and its edge. @throws Problem `not_found`; `conflict` while something runs there */
  remove(actor: UserActor, ip: string): Promise<void>;
  /**
   * Makes a host an edge, or gives it another login.
   *
   * @param text a kubeconfig, of which the current context counts; for OpenStack a clouds.yaml or openrc
   * @throws Problem `not_found`; `invalid` for a file that does not tell all
   */
  configure(actor: UserActor, ip: string, text: string): void;
  /** Takes the login away, and with it the edge. @throws Problem as `remove` */
  unconfigure(actor: UserActor, ip: string): Promise<void>;
  /** @throws Problem `not_found`; `conflict` for one whose configuration was not sent yet */
  edgeOf(ip: string): EdgeView;
  /** Undefined for an edge of a kind that EdgeGallery does not know. */
  ipOf(edgeId: string): string | undefined;
}

export interface MecHostPorts {
  db: Db;
  audit(record: AuditedChange): void;
  siteRoom: EdgeSites;
  update: (actor: UserActor, id: string, input: UpdateEdge) => EdgeView;
  list: () => EdgeView[];
  get: (id: string) => EdgeView;
}

interface Host {
  ip: string;
  edge: EdgeView | undefined;
  facts: MecHostFacts | undefined;
}

const vims: Partial<Record<SiteKind, MecHostFacts['vim']>> = { kubernetes: 'K8S', openstack: 'OpenStack' };
const kindOf: Record<MecHostFacts['vim'], ImportableKind> = { K8S: 'kubernetes', OpenStack: 'openstack' };

/** Opens the hosts on the edges. `forgetSite`: a site is gone, its host waits for another configuration. */
export function openMecHosts(ports: MecHostPorts) {
  const { db, siteRoom, update, list, get: edgeById } = ports;
  const write = (ip: string, set: { siteId?: string | null; facts?: MecHostFacts }): void => {
    db.update(table).set(set).where(eq(table.ip, ip)).run();
  };

  function hosts(): Host[] {
    const rows = db.select().from(table).all();
    const edges = new Map(list().map((edge) => [edge.id, edge]));
    const told = rows.map(({ ip, siteId, facts }) => {
      const edge = siteId === null ? undefined : edges.get(siteId);
      if (edge) edges.delete(edge.id);
      return { ip, edge, facts };
    });
    const taken = new Set(told.map(({ ip }) => ip));
    const derived: Host[] = [];
    for (const edge of edges.values()) {
      const ip = vims[edge.kind] && freeName(siteRoom.addressOf(edge.id), taken);
      if (ip === undefined) continue;
      taken.add(ip);
      derived.push({ ip, edge, facts: undefined });
    }
    return [...told, ...derived];
  }
  const require = (ip: string): Host => {
    const found = hosts().find((host) => host.ip === ip);
    if (!found) throw new Problem('not_found', 'edges.errors.noHost', { ip });
    return found;
  };
  const record = (actor: UserActor, action: string, ip: string, name: string): void => {
    ports.audit({ actor, action, subject: { type: 'edge', id: ip }, detail: { name, address: ip } });
  };
  /** A host that is only found by its edge gets a row of its own, so that it outlives the edge. */
  const keepFacts = ({ ip, edge, facts }: Host, next: MecHostFacts): void => {
    if (facts) write(ip, { facts: next });
    else
      db.insert(table)
        .values({ ip, siteId: edge?.id ?? null, facts: next })
        .run();
  };
  const setPlace = (actor: UserActor, edgeId: string, facts: MecHostFacts): void => {
    const place = placeOf(facts);
    if (place) update(actor, edgeId, { place });
  };

  function create(actor: UserActor, { ip, facts }: Host, login: Pick<UpdateSiteInput, 'config' | 'secret'>) {
    if (!facts) throw new Problem('not_found', 'edges.errors.noHost', { ip });
    const { mechostName: name, vim } = facts;
    // The login was read as one of this kind.
    const input = { kind: kindOf[vim], name, purpose: 'edge', ...login } as CreateSiteInput;
    const { id } = siteRoom.create(actor, input);
    write(ip, { siteId: id });
    setPlace(actor, id, facts);
  }

  const mecHosts: MecHosts = {
    list: () => hosts().map(viewOf),
    get: (ip) => viewOf(require(ip)),

    add(actor, input) {
      const ip = input.mechostIp;
      if (hosts().some((host) => host.ip === ip)) {
        throw new Problem('conflict', 'edges.errors.hostKnown', { ip });
      }
      db.transaction(() => {
        db.insert(table)
          .values({ ip, facts: factsOf(input) })
          .run();
        record(actor, 'mecHost.create', ip, input.mechostName);
      });
    },

    change(actor, ip, input) {
      if (input.mechostIp !== ip) throw new Problem('invalid', 'edges.errors.otherHost', { ip });
      const host = require(ip);
      const facts = factsOf(input);
      const { edge } = host;
      if (edge && vims[edge.kind] !== facts.vim) {
        throw new Problem('conflict', 'edges.errors.otherVim', { ip });
      }
      if (edge && edge.name !== facts.mechostName)
        siteRoom.update(actor, edge.id, { name: facts.mechostName });
      if (edge) setPlace(actor, edge.id, facts);
      keepFacts(host, facts);
      record(actor, 'mecHost.update', ip, facts.mechostName);
    },

    async remove(actor, ip) {
      const host = require(ip);
      if (host.edge) await siteRoom.remove(actor, host.edge.id);
      db.delete(table).where(eq(table.ip, ip)).run();
      record(actor, 'mecHost.delete', ip, viewOf(host).mechostName);
    },

    configure(actor, ip, text) {
      const host = require(ip);
      const kind = kindOf[viewOf(host).vim];
      const [login] = siteRoom.readLogins(kind, text);
      if (!login) throw new Problem('invalid', 'edges.errors.noLogin');
      if (login.missing.length > 0 || login.secret === undefined) {
        throw new Problem('invalid', 'edges.errors.loginLacks', { missing: login.missing.join(', ') });
      }
      const given = { config: login.login, secret: login.secret };
      if (host.edge) siteRoom.update(actor, host.edge.id, given);
      else create(actor, host, given);
    },

    async unconfigure(actor, ip) {
      const host = require(ip);
      if (!host.edge) throw new Problem('not_found', 'edges.errors.notConfigured', { ip });
      const { configUploadStatus: _status, mechostIp: _ip, ...facts } = viewOf(host);
      keepFacts(host, facts);
      await siteRoom.remove(actor, host.edge.id);
      write(ip, { siteId: null });
    },

    edgeOf(ip) {
      const { edge } = require(ip);
      if (!edge) throw new Problem('conflict', 'edges.errors.notConfigured', { ip });
      return edgeById(edge.id);
    },
    ipOf: (edgeId) => hosts().find(({ edge }) => edge?.id === edgeId)?.ip,
  };
  const forgetSite = (siteId: string): void => {
    db.update(table).set({ siteId: null }).where(eq(table.siteId, siteId)).run();
  };
  return { mecHosts, forgetSite };
}

function factsOf(input: MecHostInput): MecHostFacts {
  const { mechostIp: _ip, tenantId: _tenant, configUploadStatus: _status, ...facts } = input;
  return facts;
}

/** What the edge itself says of its name and place wins over what was once sent. */
function viewOf({ ip, edge, facts }: Host): MecHostView {
  return {
    mechostIp: ip,
    mechostName: edge?.name ?? facts?.mechostName ?? '',
    zipCode: facts?.zipCode ?? '',
    city: facts?.city ?? '',
    address: facts?.address || (edge?.place?.address ?? ''),
    affinity: facts?.affinity ?? '',
    userName: facts?.userName ?? '',
    applcmIp: facts?.applcmIp ?? '',
    mepmIp: facts?.mepmIp ?? '',
    appRuleIp: facts?.appRuleIp ?? '',
    coordinates: edge?.place ? coordinatesOf(edge.place) : (facts?.coordinates ?? ''),
    hwcapabilities: facts?.hwcapabilities ?? [],
    vim: (edge && vims[edge.kind]) ?? facts?.vim ?? 'K8S',
    configUploadStatus: edge ? 'Uploaded' : null,
  };
}

function freeName(address: string | undefined, taken: ReadonlySet<string>): string | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined;
  const { hostname, host } = new URL(address);
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  if (bare === '') return undefined;
  return taken.has(bare) ? host : bare;
}
