/** Which action is allowed on a VM in which state, and why not: the one table that UI, API and tests read. */
import type { Messages } from '@/messages/messages';
import { Problem } from '../problem';

export const vmStates = [
  'creating',
  'starting',
  'running',
  'paused',
  'stopping',
  'stopped',
  'capturing',
  'failed',
  'deleting',
] as const;
export type VmState = (typeof vmStates)[number];

export const vmActions = [
  'start',
  'stop',
  'forceStop',
  'reboot',
  'reset',
  'pause',
  'resume',
  'delete',
  'console',
  'screen',
  'files',
  'tools',
  'capture',
] as const;
export type VmAction = (typeof vmActions)[number];

/** The actions `POST /vms/{id}/actions` takes. */
export const powerActions = ['start', 'stop', 'forceStop', 'reboot', 'reset', 'pause', 'resume'] as const;
export type PowerAction = (typeof powerActions)[number];

/** What the person can do instead, so that a page offers it beside the reason. */
export type WayOut = PowerAction | 'stopAndCapture';

export interface Refusal {
  /** Full message key, for example `workbench.gates.isStopped`. */
  key:
    | `workbench.gates.${keyof Messages['workbench']['gates']}`
    | `sites.gates.${keyof Messages['sites']['gates']}`
    | `sites.missing.${keyof Messages['sites']['missing']}`;
  wayOut: WayOut | undefined;
}

export type Gate = { allowed: true } | ({ allowed: false } & Refusal);

const busy = {
  creating: { key: 'workbench.gates.isCreating', wayOut: undefined },
  starting: { key: 'workbench.gates.isStarting', wayOut: undefined },
  stopping: { key: 'workbench.gates.isStopping', wayOut: undefined },
  capturing: { key: 'workbench.gates.isCapturing', wayOut: undefined },
  deleting: { key: 'workbench.gates.isDeleting', wayOut: undefined },
} as const satisfies Partial<Record<VmState, Refusal>>;

const noGuest = {
  ...busy,
  stopped: { key: 'workbench.gates.isStopped', wayOut: 'start' },
  failed: { key: 'workbench.gates.isFailed', wayOut: 'start' },
} as const satisfies Partial<Record<VmState, Refusal>>;

const needsRunning = {
  ...noGuest,
  paused: { key: 'workbench.gates.isPaused', wayOut: 'resume' },
} as const satisfies Partial<Record<VmState, Refusal>>;

/** For each action the states that refuse it; every other state allows it. */
export const vmGates: Record<VmAction, Partial<Record<VmState, Refusal>>> = {
  // A VM whose creation failed is started by trying the creation again.
  start: {
    ...busy,
    running: { key: 'workbench.gates.runsAlready', wayOut: undefined },
    paused: { key: 'workbench.gates.isPaused', wayOut: 'resume' },
  },
  stop: {
    ...noGuest,
    paused: { key: 'workbench.gates.pausedCannotAnswer', wayOut: 'forceStop' },
    starting: undefined,
  },
  // Forcing must be possible whenever a machine may be there, also while a polite stop waits.
  forceStop: { ...noGuest, starting: undefined, stopping: undefined },
  reboot: needsRunning,
  reset: { ...needsRunning, starting: undefined },
  pause: { ...needsRunning, paused: { key: 'workbench.gates.pausedAlready', wayOut: 'resume' } },
  resume: { ...noGuest, running: { key: 'workbench.gates.runsAlready', wayOut: undefined } },
  // A capture reads the disk: it is cancelled first, from the activity drawer.
  delete: { capturing: busy.capturing, deleting: busy.deleting },
  console: { ...noGuest, starting: undefined, stopping: undefined, capturing: undefined },
  screen: { ...noGuest, starting: undefined, stopping: undefined, capturing: undefined },
  files: needsRunning,
  tools: needsRunning,
  capture: {
    ...busy,
    paused: { key: 'workbench.gates.pausedCannotBeCaptured', wayOut: 'resume' },
    failed: { key: 'workbench.gates.isFailed', wayOut: 'start' },
  },
};

/** Says whether an action is allowed in a state, and if not why and what to do instead. */
export function gate(action: VmAction, state: VmState): Gate {
  const refusal = vmGates[action][state];
  return refusal ? { allowed: false, ...refusal } : { allowed: true };
}

/** All gates of a VM in one state, as pages and the REST API get them. */
export function gatesOf(state: VmState): Record<VmAction, Gate> {
  return Object.fromEntries(vmActions.map((action) => [action, gate(action, state)])) as Record<
    VmAction,
    Gate
  >;
}

/**
 * Lets an action through or refuses it.
 *
 * @throws Problem `conflict` with the reason's key
 */
export function requireGate(action: VmAction, vm: { name: string; state: VmState }): void {
  const answer = gate(action, vm.state);
  if (!answer.allowed) throw new Problem('conflict', answer.key, { name: vm.name });
}
