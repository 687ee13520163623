import type { RegistriesConfig } from '../config';
import type { Registry, RegistryAccess } from '../oci/oci';
import { Problem, problemFrom, type ProblemReport } from '../problem';
import type { BundledProcess } from './bundled-process';
import { examineAt, testName } from './examine';
import { makeOld } from './garbage';
import type { Gate } from './gate';
import { guardedClient } from './guarded-client';
import type { ManifestRows } from './manifest-rows';
import type { RoomRegistry } from './registries';
import { meansDown, registryProblem } from './registry-problem';
import { registryRoles, type RegistryLight, type RegistryRole, type RegistryState } from './schemas';
import { samePlace, type Settings } from './settings';
import type { RegistryPlace } from './tables';
import { granted, readScopes } from './token-scope';
import type { TokenSigner } from './token-signer';

/** How long the first look at a registry may take. */
const pingLimitMs = 15_000;
const firstRetryMs = 5_000;
const longestRetryMs = 60_000;

export interface RoleClientPorts {
  settings: Settings;
  process: BundledProcess;
  signer: TokenSigner;
  config: RegistriesConfig['bundled'];
  gates: Record<RegistryRole, Gate>;
  rows: ManifestRows;
  open: (access: RegistryAccess) => Registry;
  changed: (role: RegistryRole) => void;
}

export interface Standing {
  state: RegistryState;
  problem: ProblemReport | undefined;
  since: number;
}

/** A registry as a role uses it. */
export interface PlaceClient {
  place: RegistryPlace;
  /** Not watched, and waits at no gate. */
  registry: Registry;
  /** Comes before every repository's name; '' or with a slash at its end. */
  prefix: string;
  address: string;
  encrypted: boolean;
  ca: string | undefined;
}

/** The clients of the roles' registries, and how those stand. */
export interface RoleClients {
  /** @throws Problem `unavailable` */
  of(role: RegistryRole): Promise<RoomRegistry & { client: PlaceClient }>;
  /** A client of any place; the caller closes its `registry`. @throws Problem `unavailable` */
  at(role: RegistryRole, place: RegistryPlace, password: string | undefined): Promise<PlaceClient>;
  standing(role: RegistryRole): Standing;
  /** Tries the bundled registry as a role uses it. */
  examineBundled(role: RegistryRole, signal?: AbortSignal): AsyncIterable<RegistryLight>;
  /** Looks at all external registries in the background, and again at those that do not answer. */
  look(): void;
  /** The setting of a role changed. */
  renew(role: RegistryRole): void;
  close(): Promise<void>;
}

/** Opens the clients; nothing is asked before `look` or `of`. */
export function openRoleClients(ports: RoleClientPorts): RoleClients {
  const { settings, process, config, gates, rows, changed } = ports;
  const clients = new Map<RegistryRole, Promise<RoomRegistry & { client: PlaceClient }>>();
  const standings = new Map<RegistryRole, Standing>();
  const looks = new Map<RegistryRole, Promise<void>>();
  const timers = new Map<RegistryRole, NodeJS.Timeout>();
  let closed = false;

  const isBundled = (role: RegistryRole) => settings.place(role).kind === 'bundled';

  function stand(role: RegistryRole, state: RegistryState, problem?: ProblemReport): void {
    const before = standings.get(role);
    if (before?.state === state && before.problem?.key === problem?.key) return;
    standings.set(role, { state, problem, since: Date.now() });
    changed(role);
  }

  async function at(
    role: RegistryRole,
    place: RegistryPlace,
    password: string | undefined,
  ): Promise<PlaceClient> {
    if (place.kind === 'external') {
      const { url, ca, user } = place.config;
      const login = user === undefined ? undefined : { user, password: password ?? '' };
      return {
        place,
        registry: ports.open({ url, ca, login }),
        prefix: place.config.prefix === '' ? '' : `${place.config.prefix}/`,
        address: new URL(url).host,
        encrypted: url.startsWith('https:'),
        ca,
      };
    }
    await process.ready();
    const url = process.url() ?? '';
    return {
      place,
      registry: ports.open({ url, token: (scopes) => ownToken(role, scopes) }),
      prefix: `${role}/`,
      address: process.address() ?? '',
      encrypted: config.https,
      ca: undefined,
    };
  }

  /** The server's own right: everything in the role's part; in the others reading, which a mount from there needs. */
  function ownToken(role: RegistryRole, scopes: readonly string[]) {
    const grants = [
      { repositories: [`${role}/*`], actions: ['pull', 'push', 'delete', '*'] },
      { repositories: ['*'], actions: ['pull'] },
    ];
    return ports.signer.sign(`room-${role}`, granted(readScopes(scopes), grants, true));
  }

  async function make(role: RegistryRole): Promise<RoomRegistry & { client: PlaceClient }> {
    const client = await at(role, settings.place(role), settings.password(role, 'place'));
    const own = (repository: string) => repository.slice(client.prefix.length);
    const registry = guardedClient(client.registry, {
      gate: gates[role],
      put: (repository, { digest, mediaType }) => rows.put(role, own(repository), digest, mediaType),
      removed: (repository, digest, blobs) => {
        rows.removed(role, own(repository), digest);
        if (client.place.kind === 'bundled') void makeOld(process.paths, blobs);
      },
      outcome: (error) => {
        // A client from before the setting changed says nothing of the registry that is set now.
        if (client.place.kind === 'bundled' || !samePlace(client.place, settings.place(role))) return;
        if (error === undefined) stand(role, 'ready');
        else if (meansDown(error)) down(role, registryProblem(error, client.address));
      },
    });
    const repository = (...path: string[]) => `${client.prefix}${path.join('/')}`;
    return { role, registry, repository, address: client.address, client };
  }

  function down(role: RegistryRole, problem: unknown): void {
    if (closed) return;
    stand(role, 'unavailable', problem instanceof Problem ? problem.report() : undefined);
    lookLater(role, firstRetryMs);
  }

  function lookLater(role: RegistryRole, delay: number): void {
    if (closed || timers.has(role)) return;
    const timer = setTimeout(() => {
      timers.delete(role);
      void lookAt(role).then(() => {
        if (standings.get(role)?.state !== 'unavailable') return;
        return lookLater(role, Math.min(delay * 2, longestRetryMs));
      });
    }, delay);
    timer.unref();
    timers.set(role, timer);
  }

  /** Asks an external registry; how it stands is known afterwards. Those who ask at once share one look. */
  function lookAt(role: RegistryRole): Promise<void> {
    if (isBundled(role)) return Promise.resolve();
    const running = looks.get(role);
    if (running) return running;
    const look = (async () => {
      try {
        const { registry } = await clientOf(role);
        await registry.ping({ signal: AbortSignal.timeout(pingLimitMs) });
      } catch (error) {
        // Also when no client could be made: settings of the file are tried here for the first time.
        const place = settings.place(role);
        const address = place.kind === 'external' ? new URL(place.config.url).host : '';
        down(role, registryProblem(error, address));
      } finally {
        looks.delete(role);
      }
    })();
    looks.set(role, look);
    return look;
  }

  function clientOf(role: RegistryRole) {
    const known = clients.get(role);
    if (known) return known;
    const made = make(role);
    clients.set(role, made);
    made.catch(() => clients.delete(role));
    return made;
  }

  return {
    at,
    async of(role) {
      if (isBundled(role)) {
        // Its port stays the same over restarts, so the client does too; only whether it answers is asked.
        await process.ready();
        return clientOf(role);
      }
      if (standings.get(role)?.state !== 'ready') await lookAt(role);
      const problem = standings.get(role)?.problem;
      if (problem) throw problemFrom(problem);
      return clientOf(role);
    },
    standing(role) {
      if (!isBundled(role))
        return standings.get(role) ?? { state: 'starting', problem: undefined, since: Date.now() };
      const { state, problem, since } = process.state();
      return { state, problem: problem?.report(), since };
    },
    examineBundled(role, signal = new AbortController().signal) {
      const url = process.url() ?? `http://${config.host}:${config.port}`;
      return examineAt(
        {
          open: () => ports.open({ url, token: (scopes) => ownToken(role, scopes) }),
          config: { url, prefix: role },
          user: 'edgeyard',
          repository: `${role}/${testName}`,
        },
        signal,
      );
    },
    look() {
      for (const role of registryRoles) void lookAt(role);
    },
    renew(role) {
      const before = clients.get(role);
      clients.delete(role);
      standings.delete(role);
      // Who still uses the old client finishes with it.
      void before?.catch(() => undefined);
      changed(role);
      void lookAt(role);
    },
    async close() {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      const all = await Promise.allSettled(clients.values());
      for (const each of all) if (each.status === 'fulfilled') await each.value.registry.close();
    },
  };
}
