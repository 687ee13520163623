import { z } from 'zod';
import type { UserActor } from '../access/actor';
import type { AuditedChange } from '../access/ports';
import type { Db } from '../db/database';
import type { Job, JobContext, Jobs, StepContext } from '../jobs/job';
import { RegistryError, type ArtifactAt, type CopyOptions, type CopyReport } from '../oci/oci';
import { Problem } from '../problem';
import type { Gate } from './gate';
import type { ManifestRows } from './manifest-rows';
import { registryProblem } from './registry-problem';
import type { PlaceClient, RoleClients } from './role-clients';
import { registryRole, type RegistryRole } from './schemas';
import type { Passwords, Settings } from './settings';
import type { RegistryPlace } from './tables';

/** Kind of the job that moves what a registry holds. */
export const moveKind = 'registry.move';

const inputSchema = z.object({
  role: registryRole,
  /** `switch`: to where the setting is to go; `fetch`: what the former registry still holds comes over. */
  kind: z.enum(['switch', 'fetch']),
});
type Input = z.infer<typeof inputSchema>;

interface MovePorts {
  db: Db;
  jobs: Jobs;
  settings: Settings;
  clients: RoleClients;
  gates: Record<RegistryRole, Gate>;
  rows: ManifestRows;
  audit: (entry: AuditedChange) => void;
  copyArtifact: (from: ArtifactAt, to: ArtifactAt, options?: CopyOptions) => Promise<CopyReport>;
  changed: (role: RegistryRole) => void;
}

interface Pair {
  from: PlaceClient;
  to: PlaceClient;
}

interface Moved {
  artifacts: number;
  bytesSent: number;
}

/** Defines the job that moves what a role's registry holds. */
export function defineMoveJob(ports: MovePorts) {
  const { db, jobs, settings, clients, gates, rows, changed } = ports;

  async function withPair<T>({ role, kind }: Input, work: (pair: Pair) => Promise<T>): Promise<T> {
    const [fromSlot, toSlot] =
      kind === 'switch' ? (['place', 'next'] as const) : (['former', 'place'] as const);
    const at = async (slot: 'place' | 'next' | 'former') => {
      const place = settings[slot](role);
      // A move that failed is begun anew from the page: its password is not kept.
      if (!place) throw new Problem('conflict', 'registries.errors.moveOver');
      return clients.at(role, place, settings.password(role, slot));
    };
    const from = await at(fromSlot);
    const to = await at(toSlot);
    try {
      return await work({ from, to });
    } finally {
      await Promise.all([from.registry.close(), to.registry.close()]);
    }
  }

  /** Everything by its tag, and what has none by its digest. */
  async function listed(role: RegistryRole, { from }: Pair, signal: AbortSignal) {
    const { registry, prefix } = from;
    const own = (name: string) => name.slice(prefix.length);
    const found = rows.all(role).map(({ repository, digest }) => ({ repository, reference: digest }));
    const names = new Set(found.map(({ repository }) => repository));
    // A registry that keeps its catalogue to itself still has what we put there ourselves.
    const catalogue = await registry.repositories(prefix, { signal }).catch((error: unknown) => {
      if (
        error instanceof RegistryError &&
        ['forbidden', 'unauthorized', 'unsupported'].includes(error.fault)
      )
        return [];
      throw error;
    });
    for (const name of catalogue) names.add(own(name));
    for (const repository of names) {
      const tags = await registry.tags(`${prefix}${repository}`, { signal });
      found.push(...tags.map((reference) => ({ repository, reference })));
    }
    return found;
  }

  async function copyAll(role: RegistryRole, pair: Pair, step: StepContext): Promise<Moved> {
    const { from, to } = pair;
    const all = await listed(role, pair, step.signal);
    let bytesSent = 0;
    for (const [index, { repository, reference }] of all.entries()) {
      const whole = (done: number, total: number) =>
        step.progress({
          done: ((index + (total === 0 ? 1 : done / total)) / all.length) * 100,
          total: 100,
          unit: 'percent',
        });
      step.message({
        key: 'registries.move.copying',
        params: { repository, number: index + 1, of: all.length },
      });
      const report = await ports
        .copyArtifact(
          { registry: from.registry, repository: `${from.prefix}${repository}`, reference },
          { registry: to.registry, repository: `${to.prefix}${repository}`, reference },
          { signal: step.signal, progress: whole },
        )
        .catch((error: unknown) => {
          // Deleted behind our back: there is nothing to move.
          if (error instanceof RegistryError && error.fault === 'notFound') return undefined;
          throw registryProblem(error, from.address);
        });
      bytesSent += report?.bytesSent ?? 0;
      if (!report) step.log({ key: 'registries.move.gone', params: { repository, reference } });
    }
    return { artifacts: all.length, bytesSent };
  }

  /** Once more for what came meanwhile, while nobody writes; then the switch. */
  async function switchOver(role: RegistryRole, input: Input, step: StepContext): Promise<Moved> {
    const reopen = await gates[role].close(step.signal, (count) =>
      step.message({ key: 'registries.collect.waiting', params: { count } }),
    );
    try {
      // An earlier run may have come this far already.
      if (!settings.next(role)) return { artifacts: 0, bytesSent: 0 };
      const late = await withPair(input, (pair) => copyAll(role, pair, step));
      settings.arrive(role);
      clients.renew(role);
      return late;
    } finally {
      reopen();
    }
  }

  const kind = jobs.define<Input, Moved>({
    kind: moveKind,
    steps: ['copy', 'switch'],
    input: inputSchema,
    concurrency: 1,
    cancellable: true,
    async run(job: JobContext<Input>) {
      const { input } = job;
      const first = await job.step('copy', (step) =>
        withPair(input, (pair) => copyAll(input.role, pair, step)),
      );
      const late = await job.step('switch', (step) => {
        if (input.kind === 'switch') return switchOver(input.role, input, step);
        settings.forgetFormer(input.role);
        return { artifacts: 0, bytesSent: 0 };
      });
      changed(input.role);
      return {
        artifacts: Math.max(first.artifacts, late.artifacts),
        bytesSent: first.bytesSent + late.bytesSent,
      };
    },
    undo(job) {
      if (job.input.kind === 'switch') settings.stay(job.input.role);
      changed(job.input.role);
      return Promise.resolve();
    },
  });

  function start(actor: UserActor, role: RegistryRole, which: Input['kind']): Job {
    ports.audit({ actor, action: 'registry.move', subject: { type: 'registry', id: role }, detail: {} });
    return kind.start({
      input: { role, kind: which },
      subject: { type: 'registry', id: role },
      actorId: actor.userId,
    });
  }

  return {
    /** Begins to move a role's registry to another place. @throws Problem `conflict` while a move runs */
    begin(actor: UserActor, role: RegistryRole, place: RegistryPlace, passwords: Passwords): Job {
      const job = db.transaction(() => {
        const started = start(actor, role, 'switch');
        settings.moveTo(role, place, passwords, started.id);
        return started;
      });
      changed(role);
      return job;
    },
    /** Begins to fetch what the former registry of a role still holds. */
    fetchLeft: (actor: UserActor, role: RegistryRole): Job => start(actor, role, 'fetch'),
  };
}
