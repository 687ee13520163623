import type { Actor } from '../../access/actor';
import type { Job } from '../../jobs/job';
import { Problem, type ProblemReport } from '../../problem';
import { openCatalogue, type Catalogue, type Tool } from './catalogue';
import { requireGate } from '../vm-gates';
import { openIdentities, type Identities } from './identity';
import type { GuestPorts, GuestVm } from './ports';
import type { ToolState } from './schemas';
import type { SshPool } from './ssh-pool';
import { defineToolInstall, toolInstallKind } from './tool-install';
import { openVmToolRows, type VmToolRow } from './vm-tool-rows';

/** One tool as it stands in one VM. */
export interface VmToolView {
  toolId: string;
  nameEn: string;
  nameZh: string;
  descriptionEn: string;
  descriptionZh: string;
  /** Version of the catalogue, and the one installed. */
  version: string;
  installedVersion: string | undefined;
  state: ToolState | 'available' | 'cancelled';
  /** The newest installation's job: its log and its retry. */
  jobId: string | undefined;
  error: ProblemReport | undefined;
}

/** Tools in VMs. */
export interface GuestTools {
  readonly catalogue: Catalogue;
  readonly identities: Pick<Identities, 'mep' | 'setMep'>;
  /** All tools of the catalogue and how each stands in the VM. @throws Problem `not_found` */
  list(actor: Actor, vmId: string): VmToolView[];
  /** Starts an installation. @throws Problem `not_found`, `conflict` when one is under way or the VM does not run */
  install(actor: Actor, vmId: string, toolId: string): Job;
  /** Starts those that were chosen when the VM was made; ids the catalogue no longer knows are left out. */
  installChosen(vmId: string, toolIds: readonly string[], actorId: string | undefined): Job[];
  /** Forgets what was kept for projects that are gone. */
  prune(): void;
  /** Forgets the tools of a VM that is gone. */
  forget(vmId: string): void;
}

/** Opens the tools and makes their job known to the engine. */
export function openGuestTools(ports: GuestPorts, pool: SshPool): GuestTools {
  const catalogue = openCatalogue(ports);
  const identities = openIdentities(ports);
  const rows = openVmToolRows(ports);
  const kind = defineToolInstall({ ports, pool, catalogue, identities, rows });

  const jobsOf = (vmId: string) =>
    ports.jobs.list({ subject: { type: 'vm', id: vmId }, kind: toolInstallKind });
  const start = (vm: GuestVm, toolId: string, actorId: string | undefined): Job => {
    const job = kind.start({
      input: { vmId: vm.id, toolId },
      subject: { type: 'vm', id: vm.id },
      projectId: vm.projectId,
      actorId,
    });
    rows.set({ vmId: vm.id, toolId }, { state: 'chosen', jobId: job.id, error: null });
    return job;
  };

  return {
    catalogue,
    identities,
    list(actor, vmId) {
      const vm = ports.vmFor(actor, vmId);
      const known = new Map(rows.of(vm.id).map((row) => [row.toolId, row]));
      const jobs = new Map(jobsOf(vm.id).map((job) => [job.id, job]));
      return catalogue.list().map((tool) => {
        const row = known.get(tool.id);
        return viewOf(tool, row, jobs.get(row?.jobId ?? ''));
      });
    },
    install(actor, vmId, toolId) {
      const vm = ports.vmFor(actor, vmId);
      const tool = catalogue.get(toolId);
      requireGate('tools', vm);
      const row = rows.find({ vmId: vm.id, toolId });
      const active = jobsOf(vm.id).find(({ id, state }) => id === row?.jobId && isActive(state));
      if (active) throw new Problem('conflict', 'tools.errors.underWay', { name: tool.nameEn });
      const job = start(vm, toolId, actor.userId);
      ports.audit({
        actor,
        action: 'tools.install',
        subject: { type: 'vm', id: vm.id },
        detail: { tool: tool.nameEn },
      });
      return job;
    },
    installChosen(vmId, toolIds, actorId) {
      const vm = ports.vmById(vmId);
      if (!vm) return [];
      const chosen = [...new Set(toolIds)].filter((id) => catalogue.find(id) !== undefined);
      // A create job that was taken up again after a crash says so twice.
      const fresh = chosen.filter((toolId) => rows.find({ vmId, toolId }) === undefined);
      return fresh.map((toolId) => start(vm, toolId, actorId));
    },
    prune: () => identities.prune(),
    forget: (vmId) => rows.forget(vmId),
  };
}

function isActive(state: Job['state']): boolean {
  return state === 'queued' || state === 'running' || state === 'cancelling';
}

function viewOf(tool: Tool, row: VmToolRow | undefined, job: Job | undefined): VmToolView {
  return {
    toolId: tool.id,
    nameEn: tool.nameEn,
    nameZh: tool.nameZh,
    descriptionEn: tool.descriptionEn,
    descriptionZh: tool.descriptionZh,
    version: tool.version,
    installedVersion: row?.version ?? undefined,
    state: stateOf(row, job),
    jobId: row?.jobId ?? undefined,
    error: job?.error ?? row?.error ?? undefined,
  };
}

// The job knows more than the row, as long as it is kept.
function stateOf(row: VmToolRow | undefined, job: Job | undefined): VmToolView['state'] {
  if (!row) return 'available';
  switch (job?.state) {
    case undefined:
      return row.state;
    case 'queued':
      return 'chosen';
    case 'running':
    case 'cancelling':
      return 'installing';
    case 'done':
      return 'installed';
    case 'failed':
      return 'failed';
    case 'cancelled':
      return 'cancelled';
  }
}
