/** Which action is allowed on a deployment in which state, and why not: the one table UI, API and tests read. */
import type { Messages } from '@/messages/messages';
import type { DeploymentState } from './schemas';

export type DeploymentAction = 'upgrade' | 'rollBack' | 'remove' | 'logs';

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
