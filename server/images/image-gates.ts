import type { KeyBelow } from '@/messages/messages';
import type { ImageAction, ImageState } from './schemas';

type Reason = `images.gates.${KeyBelow<'images.gates'>}`;

/** Which actions a state allows; the reason's message key where it does not. Server, API and pages read this one table. */
const gates: Record<ImageAction, Partial<Record<ImageState, Reason>>> = {
  use: {
    uploading: 'images.gates.uploading',
    checking: 'images.gates.checking',
    failed: 'images.gates.failed',
  },
  download: {
    uploading: 'images.gates.uploading',
    checking: 'images.gates.checking',
    failed: 'images.gates.failed',
  },
  bootTest: {
    uploading: 'images.gates.uploading',
    checking: 'images.gates.checking',
    failed: 'images.gates.failed',
  },
  change: {},
  remove: { checking: 'images.gates.checkingRemove' },
};

/**
 * Why an action is not possible now.
 *
 * @param facts the image's state, whether the actor may change it, and how many things use it
 * @returns message key, or null when the action is possible
 */
export function imageRefusal(
  action: ImageAction,
  facts: { state: ImageState; mayChange: boolean; uses: number },
): Reason | null {
  if ((action === 'change' || action === 'remove') && !facts.mayChange) return 'images.gates.notYours';
  const byState = gates[action][facts.state];
  if (byState !== undefined) return byState;
  if (action === 'remove' && facts.uses > 0) return 'images.gates.inUse';
  return null;
}
