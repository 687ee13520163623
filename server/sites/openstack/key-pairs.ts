/** The key pair of a VM: nova gives it to the guest by config drive and metadata service. */
import { z } from 'zod';
import type { Cloud } from './cloud';
import { nameOf } from './names';
import { isRefusal } from './refusals';

const keyPair = z.object({ keypair: z.object({ name: z.string(), public_key: z.string() }) });

type KeyPair = z.infer<typeof keyPair>['keypair'];

async function findKeyPair(cloud: Cloud, name: string, signal?: AbortSignal): Promise<KeyPair | undefined> {
  const found = await cloud.find({
    service: 'compute',
    path: `/os-keypairs/${encodeURIComponent(name)}`,
    schema: keyPair,
    signal,
  });
  return found?.keypair;
}

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
 * @throws Problem `openstack.errors.*`; `too_many` of the user's quota among them
 */
export async function ensureKeyPair(
  cloud: Cloud,
  vmId: string,
  publicKey: string,
  signal?: AbortSignal,
): Promise<string> {
  const name = nameOf(vmId);
  const there = await findKeyPair(cloud, name, signal);
  if (there && keyOf(there.public_key) === keyOf(publicKey)) return name;
  if (there) await removeKeyPair(cloud, vmId, signal);
  try {
    await cloud.ask({
      service: 'compute',
      method: 'POST',
      path: '/os-keypairs',
      body: { keypair: { name, type: 'ssh', public_key: publicKey.trim() } },
      schema: keyPair,
      signal,
    });
  } catch (error) {
    // Names of key pairs are unique: somebody made it a moment ago.
    if (!isRefusal(error, 'conflict')) throw error;
    const made = await findKeyPair(cloud, name, signal);
    if (!made || keyOf(made.public_key) !== keyOf(publicKey)) throw error;
  }
  return name;
}

/** Removes the VM's key pair; none is fine. */
export async function removeKeyPair(cloud: Cloud, vmId: string, signal?: AbortSignal): Promise<void> {
  await cloud.send({
    service: 'compute',
    method: 'DELETE',
    path: `/os-keypairs/${encodeURIComponent(nameOf(vmId))}`,
    signal,
  });
}

/** Whether the VM has a key pair at the cloud. */
export async function hasKeyPair(cloud: Cloud, vmId: string, signal?: AbortSignal): Promise<boolean> {
  return (await findKeyPair(cloud, nameOf(vmId), signal)) !== undefined;
}
