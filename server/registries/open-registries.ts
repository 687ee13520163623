import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { Actor } from '../access/actor';
import type { AuditedChange, SecretsPort } from '../access/ports';
import type { RawRoute } from '../content/raw-route';
import type { RegistriesConfig } from '../config';
import type { Db } from '../db/database';
import type { Events } from '../jobs/events';
import type { Jobs } from '../jobs/job';
import type { Log } from '../log';
import type { ArtifactAt, CopyOptions, CopyReport, Registry, RegistryAccess } from '../oci/oci';
import { openAdmin } from './admin';
import { openBrowse } from './browse';
import { openBundledProcess } from './bundled-process';
import { endRecorded } from './child-record';
import { giveBack } from './garbage';
import { makeGate } from './gate';
import { openLogins } from './logins';
import { openManifestRows } from './manifest-rows';
import type { ImageUse, Registries } from './registries';
import { registryProblem } from './registry-problem';
import { openRoleClients } from './role-clients';
import { registryRoles, type RegistryRole } from './schemas';
import { openSettings } from './settings';
import { tokenPath, tokenRoute } from './token-route';
import type { VisibleTo } from './token-scope';
import { openTokenSigner } from './token-signer';

/** How long a push of somebody else waits for its token while garbage is collected. */
const pushWaitMs = 60_000;

export interface RegistriesPorts {
  db: Db;
  /** Folder of the bundled registry. */
  dir: string;
  jobs: Jobs;
  events: Events;
  log: Log;
  secrets: SecretsPort;
  audit: (entry: AuditedChange) => void;
  config: RegistriesConfig;
  /** Whom an API token stands for. */
  actorOf: (token: string) => Actor | undefined;
  visibleTo: VisibleTo;
  /** The client, and the one thing that copies. */
  openRegistry: (access: RegistryAccess) => Registry;
  copyArtifact: (from: ArtifactAt, to: ArtifactAt, options?: CopyOptions) => Promise<CopyReport>;
}

/** Opens the room; nothing runs and nothing is asked before `open`. */
export function openRegistries(ports: RegistriesPorts): Registries & { rawRoutes: readonly RawRoute[] } {
  const { db, events, log, secrets, audit, config } = ports;
  mkdirSync(ports.dir, { recursive: true, mode: 0o700 });
  const changed = (role: RegistryRole | 'all') =>
    events.publish({ topic: 'registries', id: role, audience: { role: 'developer' } });
  const settings = openSettings(db, secrets, config.external);
  const signer = openTokenSigner(secrets);
  const logins = openLogins({
    db,
    secrets,
    audit,
    changed,
    isBundled: (role) => settings.place(role).kind === 'bundled',
    actorOf: ports.actorOf,
    visibleTo: ports.visibleTo,
  });
  const rows = openManifestRows(db);
  const gates = { workbench: makeGate(), store: makeGate(), operations: makeGate() };
  const process = openBundledProcess({
    dir: ports.dir,
    ...config.bundled,
    signer,
    uploadSecret: keptSecret(secrets, 'registry:uploads'),
    log,
    changed: () => changed('all'),
  });
  const clients = openRoleClients({
    settings,
    process,
    signer,
    config: config.bundled,
    gates,
    rows,
    open: ports.openRegistry,
    changed,
  });
  const askers: ((role: RegistryRole, repository: string, digest: string) => ImageUse[])[] = [];
  const uses = (role: RegistryRole, repository: string, digest: string) =>
    askers.flatMap((ask) => ask(role, repository, digest));

  let realm: string | undefined;
  const admin = openAdmin({
    ...ports,
    settings,
    process,
    clients,
    gates,
    rows,
    changed,
    // The program is started with the first role that needs it, and stays until the end.
    needBundled: () => {
      if (realm !== undefined) process.start(realm);
    },
  });
  const route = tokenRoute({
    logins,
    signer,
    log,
    mayPush: async () => {
      const open = await Promise.all(registryRoles.map((role) => gates[role].opened(pushWaitMs)));
      return open.every(Boolean);
    },
  });

  return {
    ...admin,
    rawRoutes: [route],
    browse: openBrowse({ clients, rows, uses, audit, changed, visibleTo: ports.visibleTo }),
    robots: logins.robots,
    of: (role) => clients.of(role),

    async copy(from, to, { log: heard, ...options }) {
      const [source, target] = await Promise.all([clients.of(from.role), clients.of(to.role)]);
      const report = await ports
        .copyArtifact({ ...from, registry: source.registry }, { ...to, registry: target.registry }, options)
        .catch((error: unknown) => {
          throw registryProblem(error, target.address);
        });
      heard?.({
        key: `registries.copy.${report.outcome}`,
        params: {
          repository: to.repository,
          digest: report.digest,
          sent: report.bytesSent,
          // An artifact that is unchanged was not read, so its size is not known.
          unsent: report.bytes === undefined ? -1 : report.bytes - report.bytesSent,
          mounted: report.blobsMounted,
          there: report.blobsThere,
          ms: report.tookMs,
        },
      });
      return report;
    },

    async pullAccess(role, repositories, holder) {
      const { client } = await clients.of(role);
      const { place, address, encrypted, ca } = client;
      const access = { address, plainHttp: !encrypted, ca };
      if (place.kind === 'bundled') return { ...access, login: logins.pull(role, repositories, holder) };
      // Somebody else's registry makes no logins for us: a site gets the one set for that, or else our own.
      const { user, pullUser } = place.config;
      if (pullUser !== undefined)
        return { ...access, login: { user: pullUser, password: settings.pullPassword(role) ?? '' } };
      const password = settings.password(role, 'place') ?? '';
      return { ...access, login: user === undefined ? undefined : { user, password } };
    },
    revokePull: (holder) => logins.revokePull(holder),
    pullHolders: () => logins.pullHolders(),
    usedBy(asker) {
      askers.push(asker);
    },

    open(baseUrl) {
      realm = new URL(tokenPath, baseUrl).href;
      const begin = async () => {
        // A collection that ran when we were killed, and what it had set aside.
        await endRecorded(process.paths.collector);
        await giveBack(process.paths);
        if (registryRoles.some((role) => settings.place(role).kind === 'bundled')) process.start(realm ?? '');
        clients.look();
      };
      begin().catch((error: unknown) => log.error({ err: error }, 'the registries cannot be opened'));
    },
    async close() {
      await clients.close();
      await process.stop();
    },
  };
}

function keptSecret(secrets: SecretsPort, name: string): string {
  const kept = secrets.read(name);
  if (kept !== undefined) return kept;
  const made = randomBytes(32).toString('base64url');
  secrets.put(name, made);
  return made;
}
