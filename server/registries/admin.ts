import type { UserActor } from '../access/actor';
import { Problem } from '../problem';
import { bytesOfRole, storedBytes } from './garbage';
import { collectKind, collectResult, defineCollectJob } from './garbage-job';
import { examineRegistry } from './examine';
import { checkCa } from './examine-way';
import type { Gate } from './gate';
import type { ManifestRows } from './manifest-rows';
import { defineMoveJob, moveKind } from './move-job';
import type { BundledProcess } from './bundled-process';
import type { RegistriesPorts } from './open-registries';
import type { Registries } from './registries';
import type { RoleClients } from './role-clients';
import {
  examineRegistrySchema,
  registryRoles,
  setRegistrySchema,
  type ExternalRegistry,
  type RegistryRole,
  type RegistryRow,
  type RegistryView,
} from './schemas';
import {
  bundledPlace,
  mayReusePassword,
  mayReusePullPassword,
  noPasswords,
  samePlace,
  type Settings,
} from './settings';
import type { RegistryPlace } from './tables';

interface AdminPorts extends Pick<
  RegistriesPorts,
  'jobs' | 'db' | 'audit' | 'config' | 'openRegistry' | 'copyArtifact'
> {
  settings: Settings;
  process: BundledProcess;
  clients: RoleClients;
  gates: Record<RegistryRole, Gate>;
  rows: ManifestRows;
  changed: (role: RegistryRole | 'all') => void;
  needBundled: () => void;
}

type Admin = Pick<
  Registries,
  'list' | 'adminList' | 'bundled' | 'set' | 'moveLeft' | 'examine' | 'collectGarbage'
>;

/** What administrators see and change. */
export function openAdmin(ports: AdminPorts): Admin {
  const { settings, process, clients, gates, jobs, audit, changed } = ports;
  const collectJob = defineCollectJob({
    jobs,
    process,
    gates: registryRoles.map((role) => gates[role]),
    changed: () => changed('all'),
  });
  const moveJob = defineMoveJob(ports);

  const viewOf = (role: RegistryRole): RegistryView => {
    const place = settings.place(role);
    const standing = clients.standing(role);
    const where =
      place.kind === 'external'
        ? {
            address: new URL(place.config.url).host,
            prefix: place.config.prefix,
            encrypted: place.config.url.startsWith('https:'),
          }
        : { address: bundledAddress(), prefix: role, encrypted: ports.config.bundled.https };
    return { role, kind: place.kind, ...where, ...standing };
  };
  const bundledAddress = () => process.address() ?? '';

  async function rowOf(role: RegistryRole): Promise<RegistryRow> {
    const place = settings.place(role);
    const next = settings.next(role);
    const former = settings.former(role);
    return {
      ...viewOf(role),
      fromFile: settings.fromFile(role),
      config: configOf(place),
      login: place.kind === 'bundled' ? 'internal' : place.config.user === undefined ? 'none' : 'password',
      hasSecret: settings.password(role, 'place') !== undefined,
      pullsWith: place.kind === 'bundled' || place.config.pullUser !== undefined ? 'own' : 'configured',
      ...(place.kind === 'bundled' && { bytes: await bytesOfRole(process.paths, role) }),
      repositories: await repositoryCount(role),
      movingTo: next && (configOf(next) ?? 'bundled'),
      moveJobId: settings.moveJobId(role),
      leftAt: former && (former.kind === 'bundled' ? bundledAddress() : new URL(former.config.url).host),
    };
  }
  async function repositoryCount(role: RegistryRole): Promise<number | undefined> {
    if (clients.standing(role).state !== 'ready') return undefined;
    try {
      const { registry, client } = await clients.of(role);
      return (await registry.repositories(client.prefix, { signal: AbortSignal.timeout(5000) })).length;
    } catch {
      // Many registries keep their catalogue to themselves.
      return undefined;
    }
  }

  /** @throws Problem `invalid` when a stored password would go to another address or user */
  function passwordFor(role: RegistryRole, config: ExternalRegistry, given: string | undefined) {
    if (config.user === undefined) return undefined;
    if (given !== undefined) return given;
    if (!mayReusePassword(settings.place(role), config))
      throw new Problem('invalid', 'registries.errors.passwordMissing');
    return settings.password(role, 'place');
  }

  /** @throws Problem `invalid` as above */
  function pullPasswordFor(role: RegistryRole, config: ExternalRegistry, given: string | undefined) {
    if (config.pullUser === undefined) return undefined;
    if (given !== undefined) return given;
    if (!mayReusePullPassword(settings.place(role), config))
      throw new Problem('invalid', 'registries.errors.passwordMissing');
    return settings.pullPassword(role);
  }

  const active = (kind: string) =>
    jobs.list({ kind, states: ['queued', 'running', 'cancelling'], limit: 1 })[0];
  /** A move writes into what a collection keeps from being written. @throws Problem `conflict` */
  function requireNothingRuns(): void {
    if (active(collectKind)) throw new Problem('conflict', 'registries.errors.collecting');
    if (active(moveKind)) throw new Problem('conflict', 'registries.errors.moving');
  }

  function requireChangeable(role: RegistryRole): void {
    if (settings.fromFile(role)) throw new Problem('forbidden', 'registries.errors.fromFile');
    // Fetching what the former registry holds reads the setting as well, and forgets the former one at its end.
    const moves = jobs.list({ kind: moveKind, states: ['queued', 'running', 'cancelling'] });
    if (settings.next(role) || moves.some(({ subject }) => subject.id === role))
      throw new Problem('conflict', 'registries.errors.moving');
  }

  function record(actor: UserActor, action: string, role: RegistryRole, place: RegistryPlace): void {
    const to = place.kind === 'bundled' ? 'bundled' : `${place.config.url}/${place.config.prefix}`;
    audit({ actor, action, subject: { type: 'registry', id: role }, detail: { to } });
  }

  return {
    list: () => registryRoles.map(viewOf),
    adminList: () => Promise.all(registryRoles.map(rowOf)),

    async bundled() {
      const { state, problem } = process.state();
      const used = registryRoles.some((role) => settings.place(role).kind === 'bundled');
      const running = active(collectKind);
      const last = jobs.list({ kind: collectKind, states: ['done'], limit: 1 })[0];
      const result = collectResult.safeParse(last?.result).data;
      return {
        used,
        state,
        problem: problem?.report(),
        address: process.address(),
        version: await process.version(),
        ...process.facts(),
        bytes: await storedBytes(process.paths),
        collecting: running !== undefined,
        collectJobId: running?.id,
        lastCollected: result && { at: last?.endedAt ?? 0, freed: result.freed, kept: result.kept },
      };
    },

    async set(actor, role, input) {
      const wanted = setRegistrySchema.parse(input);
      requireChangeable(role);
      if (wanted.kind === 'external') checkCa(wanted.config.ca);
      const place: RegistryPlace =
        wanted.kind === 'bundled' ? bundledPlace : { kind: 'external', config: wanted.config };
      const passwords =
        wanted.kind === 'bundled'
          ? noPasswords
          : {
              own: passwordFor(role, wanted.config, wanted.password),
              pull: pullPasswordFor(role, wanted.config, wanted.pullPassword),
            };
      if (place.kind === 'bundled') ports.needBundled();
      const now = settings.place(role);
      if (samePlace(now, place) || !wanted.move) {
        settings.switchTo(role, place, passwords);
        record(actor, 'registry.set', role, place);
        clients.renew(role);
        return undefined;
      }
      requireNothingRuns();
      return moveJob.begin(actor, role, place, passwords);
    },

    moveLeft(actor, role) {
      const former = settings.former(role);
      if (!former) throw new Problem('conflict', 'registries.errors.nothingLeft');
      requireNothingRuns();
      if (former.kind === 'bundled') ports.needBundled();
      return moveJob.fetchLeft(actor, role);
    },

    examine(input, signal) {
      const { role, config, password } = examineRegistrySchema.parse(input);
      const place = settings.place(role);
      if (config)
        return examineRegistry(ports.openRegistry, config, passwordFor(role, config, password), role, signal);
      if (place.kind === 'external') {
        const stored = settings.password(role, 'place');
        return examineRegistry(ports.openRegistry, place.config, stored, role, signal);
      }
      return clients.examineBundled(role, signal);
    },

    collectGarbage(actor) {
      if (process.facts().pid === undefined)
        throw new Problem('conflict', 'registries.errors.bundledNotRunning');
      requireNothingRuns();
      audit({ actor, action: 'registry.collect', subject: { type: 'registry', id: 'bundled' }, detail: {} });
      return collectJob.start({
        input: {},
        subject: { type: 'registry', id: 'bundled' },
        actorId: actor.userId,
      });
    },
  };
}

function configOf(place: RegistryPlace): ExternalRegistry | undefined {
  return place.kind === 'external' ? place.config : undefined;
}
