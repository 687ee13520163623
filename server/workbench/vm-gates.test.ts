import { describe, expect, it } from 'vitest';
import en from '../../messages/en/workbench.json';
import { gate, powerActions, vmActions, vmStates, type VmAction } from './vm-gates';

// c creating, S starting, r running, p paused, t stopping, s stopped, C capturing, f failed, d deleting
const allowedIn: Record<VmAction, string> = {
  start: 'sf',
  stop: 'Sr',
  forceStop: 'Srpt',
  reboot: 'r',
  reset: 'Sr',
  pause: 'r',
  resume: 'p',
  delete: 'cSrptsf',
  console: 'SrptC',
  screen: 'SrptC',
  files: 'r',
  tools: 'r',
  capture: 'rs',
};
const letters = 'cSrptsCfd';

describe('gates', () => {
  it.each(vmActions)('%s is allowed in exactly these states', (action) => {
    const open = vmStates.map((state, i) => (gate(action, state).allowed ? letters[i] : '')).join('');
    expect(open).toBe(allowedIn[action]);
  });

  it('say why in words, and a way out that is open', () => {
    for (const action of vmActions) {
      for (const state of vmStates) {
        const answer = gate(action, state);
        if (answer.allowed) continue;
        expect(en.gates).toHaveProperty(answer.key.replace('workbench.gates.', ''));
        const way = powerActions.find((each) => each === answer.wayOut);
        if (way) expect(gate(way, state)).toEqual({ allowed: true });
      }
    }
  });
});
