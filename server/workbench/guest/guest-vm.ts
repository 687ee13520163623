import { Problem } from '../../problem';
import type { GuestVm } from './ports';

/**
 * Checks that a VM runs, since only a running guest answers.
 *
 * @throws Problem `conflict` that names the state
 */
export function requireRunning(vm: GuestVm): void {
  if (vm.state !== 'running') throw new Problem('conflict', 'files.errors.notRunning', { state: vm.state });
}
