import type { KeyBelow } from '@/messages/messages';
import { Problem } from '../problem';
import type { NetworkOffer, SiteVmState } from './site';

export type PowerAction = 'start' | 'stop' | 'reboot' | 'reset' | 'pause' | 'resume' | 'capture' | 'look';

const allowed: Record<
  PowerAction,
  { in: SiteVmState[]; already: SiteVmState[]; refusal: KeyBelow<'sites.errors'> }
> = {
  start: { in: ['stopped', 'failed'], already: ['starting', 'running'], refusal: 'paused' },
  stop: { in: ['starting', 'running', 'paused'], already: ['stopped', 'failed'], refusal: 'notRunning' },
  reboot: { in: ['running'], already: [], refusal: 'notRunning' },
  reset: { in: ['running', 'paused'], already: [], refusal: 'notRunning' },
  pause: { in: ['running'], already: ['paused'], refusal: 'notRunning' },
  resume: { in: ['paused'], already: ['running'], refusal: 'notPaused' },
  capture: { in: ['stopped', 'failed'], already: [], refusal: 'notStopped' },
  look: { in: ['running', 'paused'], already: [], refusal: 'notRunning' },
};

/**
 * Whether an action has something to do in this state: the one table that our sites and their fake follow.
 *
 * @returns false when the VM already is what was asked for
 * @throws Problem `conflict` when the action does not make sense in this state
 */
export function mustAct(action: PowerAction, state: SiteVmState): boolean {
  const rule = allowed[action];
  if (rule.in.includes(state)) return true;
  if (rule.already.includes(state)) return false;
  throw new Problem('conflict', `sites.errors.${rule.refusal}`);
}

/** The networks a site of our own offers; their names are `sites.networks.<id>`. */
export const localNetworks: readonly NetworkOffer[] = [
  { id: 'none', name: 'None', kind: 'none', forwards: false },
  { id: 'isolated', name: 'Isolated', kind: 'isolated', forwards: true },
  { id: 'nat', name: 'NAT', kind: 'nat', forwards: true },
];

/** @throws Problem `invalid` for a network the site does not have, or forwards where it has none */
export function requireNetwork(network: { id: string; forwards: readonly unknown[] }): NetworkOffer {
  const offer = localNetworks.find((each) => each.id === network.id);
  if (!offer) throw new Problem('invalid', 'sites.errors.noNetwork', { id: network.id });
  if (network.forwards.length > 0 && !offer.forwards)
    throw new Problem('invalid', 'sites.errors.noForwards', { network: offer.name });
  return offer;
}
