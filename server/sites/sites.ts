import type { UserActor } from '../access/actor';
import type { AuditedChange, SecretsPort } from '../access/ports';
import type { Db } from '../db/database';
import { newId } from '../db/id';
import type { Events } from '../jobs/events';
import type { Log } from '../log';
import { Problem } from '../problem';
import { noSite, type SiteRegistry, type SiteStanding } from './registry';
import type {
  ConfigurableKind,
  CreateSiteInput,
  ExamineSiteInput,
  ImportableKind,
  ImportedLogin,
  Light,
  Runnable,
  SiteConfig,
  SitePurpose,
  SiteRow,
  SiteView,
  UpdateSiteInput,
} from './schemas';
import type { Site, SiteKind } from './site';
import { differences } from './site-changes';
import type { SiteKindDefinition, SiteKinds } from './site-kind';
import { openSiteRows, type StoredSite } from './site-rows';
import { openSiteSet, type SiteSetPorts } from './site-set';

/** Something of ours on a site, which keeps it from being removed. */
export interface SiteUse {
  kind: 'vm' | 'stack' | 'workload';
  id: string;
  name: string;
}

export interface SitesPorts extends SiteSetPorts {
  db: Db;
  events: Events;
  log: Log;
  audit: (entry: AuditedChange) => void;
  secrets: SecretsPort;
  /** Sites of the configuration file: listed, and not to be changed here. */
  builtIn: readonly Site[];
  /** What those are for; a sandbox when absent. */
  builtInPurpose?: SitePurpose | undefined;
  kinds: SiteKinds;
  usesOf(siteId: string): SiteUse[];
  /** Drops what {@link usesOf} tells, and tells it. */
  forgetAt(siteId: string): SiteUse[];
}

/** The places that run VMs and containers: those of the configuration file, and those that administrators add. */
export interface Sites {
  /** The sites that work can be given to. */
  registry: SiteRegistry;
  /** Every site with how it stands, by name. */
  list(): SiteView[];
  adminList(): SiteRow[];
  /** Addresses of the sites of a kind; nothing else of sites is looked at. */
  addressesOf(kind: ConfigurableKind): string[];
  /** @throws Problem `not_found` */
  get(id: string): SiteRow;
  /** Keeps a site and begins to open it. @throws Problem `conflict` for a name that is taken; `invalid` */
  create(actor: UserActor, input: CreateSiteInput): SiteRow;
  /**
   * Changes a site, which is opened anew when more than its purpose changed. Without a secret the stored one stays.
   *
   * @throws Problem `not_found`; `forbidden` for a built-in one; `conflict` for a name that is taken; `invalid` when
   *   the stored secret would go to another address
   */
  update(actor: UserActor, id: string, input: UpdateSiteInput): SiteRow;
  /** Forgets a site and its secret. @throws Problem `not_found`, `forbidden`; `conflict` while something is on it */
  remove(actor: UserActor, id: string): Promise<void>;
  /** What of ours is on a site: what keeps it from being removed, and goes when it is forgotten. @throws Problem `not_found` */
  uses(id: string): SiteUse[];
  /**
   * Forgets a site that is gone for good, with everything of ours that was on it, without asking it to delete anything.
   *
   * @returns what was dropped
   * @throws Problem `not_found`, `forbidden`; `conflict` while the site answers and lets us in
   */
  forget(actor: UserActor, id: string, signal?: AbortSignal): Promise<SiteUse[]>;
  /**
   * Tries a configuration, saved or not, and tells how far it comes.
   *
   * @throws Problem `not_found`; `invalid` without a secret, or when the stored one would go to another address
   */
  examine(input: ExamineSiteInput, signal?: AbortSignal): AsyncIterable<Light>;
  /** Checks of a configuration what can be checked without asking anybody. @throws Problem as {@link examine} */
  check(input: ExamineSiteInput): void;
  /** Where a site is, as its kind names it; undefined for a built-in one. @throws Problem `not_found` */
  addressOf(id: string): string | undefined;
  /** Whether this is the secret that is stored for a site. @throws Problem `not_found`, `forbidden` */
  isSecret(id: string, secret: string): boolean;
  /** Tries a site as it is saved. @throws Problem `not_found`, `forbidden` for a built-in one */
  examineSaved(id: string, signal?: AbortSignal): AsyncIterable<Light>;
  /** Reads the logins in a file of a cloud's or cluster's users. @throws Problem `invalid` with line and rule */
  readLogins(kind: ImportableKind, text: string): ImportedLogin[];
  /** Opens the built-in sites; the others are opened in the background, so that none of them is waited for. */
  open(): Promise<void>;
  close(): Promise<void>;
}

/** What sites of each kind run. */
export const runsOf: Readonly<Record<SiteKind, Runnable>> = {
  qemu: 'vms',
  openstack: 'vms',
  kubernetes: 'containers',
  docker: 'containers',
  edgeyard: 'vms',
};

/** Opens the room; sites are opened from `open()` on. */
export function openSites(ports: SitesPorts): Sites {
  const { db, audit, builtIn, now = Date.now } = ports;
  // A kind hears of no config but those that its own schema took.
  const kinds: Record<ConfigurableKind, SiteKindDefinition> = ports.kinds;
  const rows = openSiteRows(db, ports.secrets, kinds);
  const set = openSiteSet(ports);
  const isBuiltIn = (id: string) => builtIn.some((site) => site.id === id);

  const requireRow = (id: string): StoredSite => {
    if (isBuiltIn(id)) throw new Problem('forbidden', 'sites.errors.builtIn');
    return rows.find(id) ?? noSite(id);
  };
  const requireFreeName = (name: string, except?: string) => {
    const holder = builtIn.find((site) => site.name === name)?.id ?? rows.idOf(name);
    if (holder !== undefined && holder !== except)
      throw new Problem('conflict', 'sites.errors.nameTaken', { name });
  };
  const put = (row: StoredSite): Promise<void> =>
    set.put({
      ...row,
      make: () => kinds[row.kind].open(row.id, row.name, row.config, rows.secretFor(row)),
    });

  const viewOf = (standing: SiteStanding): SiteView => ({
    ...standing,
    runs: runsOf[standing.kind],
    capabilities: set.capabilities(standing.id),
  });
  const rowView = (id: string, row: StoredSite | undefined): SiteRow => {
    const view = {
      ...viewOf(set.registry.standing(id) ?? noSite(id)),
      builtIn: isBuiltIn(id),
      config: row?.config,
      hasSecret: row !== undefined && rows.hasSecret(id),
      uses: ports.usesOf(id).length,
      createdAt: row?.createdAt,
      updatedAt: row?.updatedAt,
    };
    // The row's config was read by the schema of its kind.
    return view as SiteRow;
  };
  const ids = () => [...builtIn.map(({ id }) => id), ...rows.all().map(({ id }) => id)];

  /** @returns the secret that goes with a configuration */
  const checked = (
    kind: ConfigurableKind,
    config: SiteConfig,
    given: string | undefined,
    row: StoredSite | undefined,
  ): string => {
    if (row && row.kind !== kind) throw new Problem('invalid', 'sites.errors.otherKind');
    const secret = given ?? (row && storedSecretFor(row, config));
    if (secret === undefined && kinds[kind].needsSecret(config)) {
      throw new Problem('invalid', 'sites.errors.secretMissing');
    }
    kinds[kind].check(config, secret ?? '');
    return secret ?? '';
  };
  const storedSecretFor = (row: StoredSite, config: SiteConfig): string => {
    const stored = rows.hasSecret(row.id);
    if (stored && !kinds[row.kind].mayReuseSecret(row.config, config)) {
      throw new Problem('invalid', 'sites.errors.secretElsewhere');
    }
    return rows.secretFor({ ...row, config });
  };

  return {
    registry: set.registry,
    list: () => ids().map((id) => viewOf(set.registry.standing(id) ?? noSite(id))),
    addressesOf: (kind) => rows.ofKind(kind).map(({ config }) => kinds[kind].addressOf(config)),
    adminList: () => ids().map((id) => rowView(id, rows.find(id))),
    get: (id) => rowView(id, rows.find(id)),

    create(actor, { kind, name, purpose, config, secret }) {
      requireFreeName(name);
      kinds[kind].check(config, secret ?? '');
      const at = now();
      const row = {
        id: newId('site'),
        kind,
        name,
        purpose,
        enabled: true,
        config,
        createdAt: at,
        updatedAt: at,
      };
      db.transaction(() => {
        rows.insert(row, secret);
        audit({
          actor,
          action: 'site.create',
          subject: { type: 'site', id: row.id },
          detail: { name, kind, address: kinds[kind].addressOf(config) },
        });
      });
      void put(row);
      return rowView(row.id, row);
    },

    update(actor, id, { secret, ...input }) {
      const before = requireRow(id);
      if (input.name !== undefined) requireFreeName(input.name, id);
      if (input.config) {
        if (!kinds[before.kind].schema.safeParse(input.config).success) {
          throw new Problem('invalid', 'sites.errors.otherKind');
        }
        kinds[before.kind].check(input.config, secret ?? storedSecretFor(before, input.config));
      }
      const row: StoredSite = {
        ...before,
        name: input.name ?? before.name,
        purpose: input.purpose ?? before.purpose,
        enabled: input.enabled ?? before.enabled,
        config: input.config ?? before.config,
        updatedAt: now(),
      };
      const changed = differences(before, row, secret !== undefined);
      if (changed.length === 0) return rowView(id, before);
      db.transaction(() => {
        rows.update(row, secret);
        audit({
          actor,
          action: 'site.update',
          subject: { type: 'site', id },
          detail: { name: row.name, changed: changed.join(', ') },
        });
      });
      if (changed.every((what) => what === 'purpose')) set.setPurpose(id, row.purpose);
      else void put(row);
      return rowView(id, row);
    },

    async remove(actor, id) {
      const { name } = requireRow(id);
      const uses = ports.usesOf(id);
      if (uses.length > 0) {
        const names = uses.slice(0, 5).map((use) => use.name);
        throw new Problem('conflict', 'sites.errors.inUse', {
          name,
          count: uses.length,
          names: names.join(', ') + (uses.length > names.length ? ', …' : ''),
        });
      }
      db.transaction(() => {
        rows.remove(id);
        audit({ actor, action: 'site.delete', subject: { type: 'site', id }, detail: { name } });
      });
      await set.remove(id);
    },

    uses(id) {
      requireRow(id);
      return ports.usesOf(id);
    },

    async forget(actor, id, signal) {
      const row = requireRow(id);
      const { name, kind, config } = row;
      // One whose secret is lost can be asked nothing, whoever answers there.
      const askable = rows.hasSecret(id) || !kinds[kind].needsSecret(config);
      if (askable && (await letsUsIn(kinds[kind].examine(config, rows.secretFor(row), signal)))) {
        throw new Problem('conflict', 'sites.errors.stillAnswers', { name });
      }
      // It may have been removed while it was knocked at.
      requireRow(id);
      const dropped = db.transaction(() => {
        const gone = ports.forgetAt(id);
        rows.remove(id);
        const count = (what: SiteUse['kind']) => gone.filter((use) => use.kind === what).length;
        audit({
          actor,
          action: 'site.forget',
          subject: { type: 'site', id },
          detail: { name, vms: count('vm'), stacks: count('stack') },
        });
        return gone;
      });
      await set.remove(id);
      return dropped;
    },

    examine({ siteId, kind, config, secret }, signal) {
      const row = siteId === undefined ? undefined : requireRow(siteId);
      return kinds[kind].examine(config, checked(kind, config, secret, row), signal);
    },
    check({ siteId, kind, config, secret }) {
      checked(kind, config, secret, siteId === undefined ? undefined : requireRow(siteId));
    },
    addressOf(id) {
      if (isBuiltIn(id)) return undefined;
      const { kind, config } = requireRow(id);
      return kinds[kind].addressOf(config);
    },
    isSecret(id, secret) {
      const row = requireRow(id);
      return rows.hasSecret(id) && rows.secretFor(row) === secret;
    },
    examineSaved(id, signal) {
      const row = requireRow(id);
      const { kind, config } = row;
      return kinds[kind].examine(config, checked(kind, config, undefined, row), signal);
    },

    readLogins: (kind, text) => kinds[kind].readLogins?.(text) ?? [],

    async open() {
      await Promise.all(
        builtIn.map((site) =>
          set.put({
            id: site.id,
            kind: site.kind,
            name: site.name,
            purpose: ports.builtInPurpose ?? 'sandbox',
            enabled: true,
            make: () => site,
          }),
        ),
      );
      // After the built-in ones, so that whoever takes over VMs next finds those and waits for no cloud.
      for (const row of rows.all()) void put(row);
    },
    close: () => set.close(),
  };
}

/**
 * Whether a site answers and takes our login; what comes after that is its own trouble. Behind a certificate that is
 * not trusted any more it is still there.
 */
async function letsUsIn(lights: AsyncIterable<Light>): Promise<boolean> {
  for await (const { light, state } of lights) {
    if (state === 'failed') return light === 'tls';
    if (light === 'login' || light === 'version') return true;
  }
  return true;
}

/** All lights of a test, once the last of them is on. */
export async function allLights(lights: AsyncIterable<Light>): Promise<Light[]> {
  const all: Light[] = [];
  for await (const light of lights) all.push(light);
  return all;
}
