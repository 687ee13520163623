/** The key pair of a VM: nova gives it to the guest by config drive and metadata service. */
import type { Cloud } from './cloud';
import { nameOf } from './names';
import { pkgcloudCompute } from './pkgcloud';
import { isRefusal } from './refusals';

/** The key itself, without its comment: nova may store it with another one. */
function keyOf(publicKey: string): string {
  return publicKey.trim().split(/\s+/).slice(0, 2).join(' ');
}

/**
 * Makes the VM's key pair, or finds the one made before. One of the same name with another key is replaced: servers
 * hold a copy of theirs.
 *
 * @param publicKey one line of an `authorized_keys` file
 * @returns the name to create the server with
 * @throws Problem `openstack.errors.*`; the user's full quota among them
 */
export async function ensureKeyPair(
  cloud: Cloud,
  vmId: string,
  publicKey: string,
  signal?: AbortSignal,
): Promise<string> {
  const name = nameOf(vmId);
  const nova = pkgcloudCompute(cloud);
  const there = await nova.keyPair(name, signal);
  if (there && keyOf(there.public_key) === keyOf(publicKey)) return name;
  if (there) await nova.removeKeyPair(name, signal);
  try {
    await nova.addKeyPair(name, publicKey.trim(), signal);
  } catch (error) {
    // Names of key pairs are unique: somebody made it a moment ago.
    if (!isRefusal(error, 'conflict')) throw error;
    const made = await nova.keyPair(name, signal);
    if (!made || keyOf(made.public_key) !== keyOf(publicKey)) throw error;
  }
  return name;
}

/** Removes the VM's key pair; none is fine. */
export async function removeKeyPair(cloud: Cloud, vmId: string, signal?: AbortSignal): Promise<void> {
  await pkgcloudCompute(cloud).removeKeyPair(nameOf(vmId), signal);
}

/** Whether the VM has a key pair at the cloud. */
export async function hasKeyPair(cloud: Cloud, vmId: string, signal?: AbortSignal): Promise<boolean> {
  return (await pkgcloudCompute(cloud).keyPair(nameOf(vmId), signal)) !== undefined;
}
