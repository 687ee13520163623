import type { KeyBelow } from '@/messages/messages';
import type { PackageAction, PackageState, Verification } from './schemas';

type Reason = `packages.gates.${KeyBelow<'packages.gates'>}`;

/** Which action a package allows in which state; the message key says why not. The one table for UI, API and room. */
const byState: Record<PackageAction, Record<PackageState, Reason | null>> = {
  download: {
    uploading: 'packages.gates.uploading',
    building: 'packages.gates.building',
    checking: 'packages.gates.checking',
    ready: null,
    failed: 'packages.gates.failed',
  },
  publish: {
    uploading: 'packages.gates.uploading',
    building: 'packages.gates.building',
    checking: 'packages.gates.checking',
    ready: null,
    failed: 'packages.gates.failed',
  },
  remove: {
    uploading: null,
    building: 'packages.gates.cancelFirst',
    checking: 'packages.gates.cancelFirst',
    ready: null,
    failed: null,
  },
};

/**
 * Why each action is not possible for a package in this state.
 *
 * @returns message key by action; null where nothing stands in the way
 */
export function packageRefusals(row: {
  state: PackageState;
  verification: Verification | null;
}): Record<PackageAction, Reason | null> {
  const unverified = row.state === 'ready' && row.verification !== 'verified';
  return {
    download: byState.download[row.state],
    publish: unverified ? 'packages.gates.unverified' : byState.publish[row.state],
    remove: byState.remove[row.state],
  };
}
