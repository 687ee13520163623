/** Which action is allowed on a test deployment in which state, and why not: the one table UI, API and tests read. */
import type { KeyBelow } from '@/messages/messages';
import type { TestAction, TestState } from './schemas';

type Reason = `containers.gates.${KeyBelow<'containers.gates'>}`;

const reasons: Record<TestAction, Record<TestState, Reason | null>> = {
  remove: {
    deploying: 'containers.gates.cancelFirst',
    ready: null,
    notReady: null,
    failed: null,
    removing: 'containers.gates.removing',
  },
  redeploy: {
    deploying: 'containers.gates.deploying',
    ready: null,
    notReady: null,
    failed: null,
    removing: 'containers.gates.removing',
  },
  logs: {
    deploying: null,
    ready: null,
    notReady: null,
    failed: 'containers.gates.nothingThere',
    removing: 'containers.gates.removing',
  },
};

/** Message key by action of why it is not possible in this state; null where nothing stands in the way. */
export function testRefusals(state: TestState): Record<TestAction, Reason | null> {
  return {
    remove: reasons.remove[state],
    redeploy: reasons.redeploy[state],
    logs: reasons.logs[state],
  };
}
