import { describe, expect, it } from 'vitest';
import { initialConnection, nextConnection, retrySeconds, type ConnectionState } from './connection';

const closed = { type: 'closed', accessLost: false, now: 0 } as const;

describe('console connection', () => {
  it('waits for the picture, connects, opens', () => {
    let state = nextConnection(initialConnection, { type: 'picture', available: true });
    expect(state).toEqual({ kind: 'connecting', attempt: 0 });
    state = nextConnection(state, { type: 'connected' });
    expect(state).toEqual({ kind: 'open' });
  });

  it('tries again with growing waits and then gives up until a person asks', () => {
    let state: ConnectionState = { kind: 'open' };
    const waits: number[] = [];
    for (;;) {
      state = nextConnection(state, closed);
      if (state.kind !== 'lost') break;
      waits.push(state.retryAt / 1000);
      state = nextConnection(state, { type: 'retry' });
    }
    expect(waits).toEqual([...retrySeconds]);
    expect(state).toEqual({ kind: 'failed' });
    expect(nextConnection(state, { type: 'retry' })).toEqual({ kind: 'connecting', attempt: 0 });
  });

  it('keeps why it was refused, until it is open', () => {
    const problem = { code: 'unavailable', key: 'openstack.errors.consoleRefused', params: {} } as const;
    const lost = nextConnection({ kind: 'connecting', attempt: 0 }, { ...closed, problem });
    expect(lost).toEqual({ kind: 'lost', attempt: 1, retryAt: 1000, problem });
    const given = nextConnection({ kind: 'connecting', attempt: 8 }, { ...closed, problem });
    expect(given).toEqual({ kind: 'failed', problem });
    expect(nextConnection({ kind: 'open' }, closed)).not.toHaveProperty('problem');
  });

  it('begins to count anew after it was open', () => {
    const lost = nextConnection({ kind: 'open' }, closed);
    const again = nextConnection(nextConnection(lost, { type: 'retry' }), { type: 'connected' });
    expect(nextConnection(again, closed)).toEqual({ kind: 'lost', attempt: 1, retryAt: 1000 });
  });

  it.each<ConnectionState>([
    { kind: 'connecting', attempt: 3 },
    { kind: 'open' },
    { kind: 'lost', attempt: 2, retryAt: 5 },
    { kind: 'failed' },
  ])('stops trying when the VM has no picture ($kind), and comes back with it', (state) => {
    const idle = nextConnection(state, { type: 'picture', available: false });
    expect(idle).toEqual({ kind: 'idle' });
    expect(nextConnection(idle, { type: 'picture', available: true })).toEqual({
      kind: 'connecting',
      attempt: 0,
    });
  });

  it('ends for good when the right is lost', () => {
    const ended = nextConnection({ kind: 'open' }, { ...closed, accessLost: true });
    expect(ended).toEqual({ kind: 'ended' });
    expect(nextConnection(ended, { type: 'picture', available: true })).toEqual({ kind: 'ended' });
  });
});
