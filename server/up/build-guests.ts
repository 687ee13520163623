import { mkdirSync } from 'node:fs';
import { runStep } from './run-step';

/**
 * Builds the two guest images that come with Edgeyard; each builder does nothing when its image is current.
 *
 * @param dir folder for the images
 */
export async function buildGuests(dir: string): Promise<void> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  await runStep('Building the tiny guest image', 'bash', ['server/sites/qemu/guests/build-tiny.sh', dir]);
  await runStep('Building the Debian 12 guest image', 'bash', [
    'server/sites/qemu/guests/build-debian.sh',
    dir,
  ]);
}
