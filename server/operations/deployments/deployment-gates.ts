/** Which action is allowed on a deployment in which state, and why not: the one table UI, API and tests read. */
import type { Messages } from '@/messages/messages';
import type { VmState } from '../../workbench/vm-gates';
import type { Deployment, DeploymentState } from './schemas';

export type DeploymentAction = 'upgrade' | 'rollBack' | 'remove' | 'logs';

type Resource = Pick<Deployment['resources'][number], 'type' | 'status'>;

const busy = {
  creating: 'deployments.gates.creating',
  changing: 'deployments.gates.changing',
  deleting: 'deployments.gates.deleting',
} as const;

type Reason = `deployments.gates.${keyof Messages['deployments']['gates']}`;

const reasons: Record<DeploymentAction, Partial<Record<DeploymentState, Reason>>> = {
  upgrade: busy,
  rollBack: busy,
  remove: busy,
  logs: {
    deleting: 'deployments.gates.deleting',
    failed: 'deployments.gates.nothingThere',
    gone: 'deployments.gates.nothingThere',
  },
};

/** Message key of why an action is not possible in this state; null where nothing stands in the way. */
export function deploymentRefusal(action: DeploymentAction, state: DeploymentState): Reason | null {
  return reasons[action][state] ?? null;
}

/** Whether it is a VM: as sites call it that have VMs only, and as Heat does. */
export function isVm({ type }: Pick<Resource, 'type'>): boolean {
  return type === 'VM' || type === 'OS::Nova::Server';
}

/**
 * How one VM of a deployment stands by its site's own word, whatever became of the others: a VM's state in capitals, or
 * Heat's word for how far its last action on it came.
 */
export function vmStateOf(deployment: DeploymentState, { status }: Pick<Resource, 'status'>): VmState {
  if (deployment === 'deleting' || status.startsWith('DELETE_')) return 'deleting';
  if (deployment === 'gone') return 'stopped';
  const running = siteWords[status];
  if (running) return running;
  if (status.startsWith('INIT_')) return 'creating';
  if (status.startsWith('SUSPEND_')) return 'stopped';
  if (status.endsWith('_COMPLETE')) return 'running';
  if (status.endsWith('_FAILED')) return 'failed';
  // Heat changes or checks what runs already, and starts it only once.
  if (status.endsWith('_IN_PROGRESS')) return status.startsWith('CREATE_') ? 'creating' : 'running';
  return deployment === 'creating' ? 'creating' : 'stopped';
}

const siteWords: Partial<Record<string, VmState>> = {
  STARTING: 'starting',
  RUNNING: 'running',
  PAUSED: 'paused',
  STOPPED: 'stopped',
  FAILED: 'failed',
  MISSING: 'stopped',
};
