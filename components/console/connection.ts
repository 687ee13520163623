/**
 * The life of one console connection as a pure state machine. The page shows the state in words; time and sockets are
 * outside, so every path can be tested.
 */
import type { ProblemReport } from '@/server/problem';

export type ConnectionState =
  /** The VM has no picture now; it waits for the VM's state, not for the clock. */
  | { kind: 'idle' }
  | { kind: 'connecting'; attempt: number }
  | { kind: 'open' }
  /** Cut off; tries again at `retryAt` (milliseconds since 1970). */
  | { kind: 'lost'; attempt: number; retryAt: number; problem?: ProblemReport | undefined }
  /** Tried as often as makes sense; only a person goes on from here. */
  | { kind: 'failed'; problem?: ProblemReport | undefined }
  /** Ended for good: the right to see this VM is gone. */
  | { kind: 'ended' };

export type ConnectionEvent =
  | { type: 'picture'; available: boolean }
  | { type: 'connected' }
  /** `problem` is why the server refused, where it said so. */
  | { type: 'closed'; accessLost: boolean; now: number; problem?: ProblemReport | undefined }
  | { type: 'retry' };

/** Seconds to wait before each new try; after the last one the console gives up and says so. */
export const retrySeconds = [1, 2, 4, 8, 15, 15, 15, 15] as const;

export const initialConnection: ConnectionState = { kind: 'idle' };

/**
 * The next state.
 *
 * @param state where the connection is
 * @param event what happened; `now` in milliseconds since 1970
 */
export function nextConnection(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  if (state.kind === 'ended') return state;
  switch (event.type) {
    case 'picture':
      if (!event.available) return { kind: 'idle' };
      return state.kind === 'idle' ? { kind: 'connecting', attempt: 0 } : state;
    case 'connected':
      return state.kind === 'connecting' ? { kind: 'open' } : state;
    case 'closed':
      return closed(state, event);
    case 'retry':
      return state.kind === 'lost'
        ? { kind: 'connecting', attempt: state.attempt }
        : state.kind === 'failed'
          ? { kind: 'connecting', attempt: 0 }
          : state;
  }
}

function closed(
  state: ConnectionState,
  event: Extract<ConnectionEvent, { type: 'closed' }>,
): ConnectionState {
  if (event.accessLost) return { kind: 'ended' };
  if (state.kind !== 'connecting' && state.kind !== 'open') return state;
  const tried = state.kind === 'open' ? 0 : state.attempt;
  const seconds = retrySeconds[tried];
  const why = event.problem === undefined ? {} : { problem: event.problem };
  if (seconds === undefined) return { kind: 'failed', ...why };
  return { kind: 'lost', attempt: tried + 1, retryAt: event.now + seconds * 1000, ...why };
}
