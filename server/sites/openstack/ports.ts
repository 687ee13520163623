/** Ports of neutron: the network cards of servers. */
import { z } from 'zod';
import type { Cloud } from './cloud';
import { markOf } from './names';

const portSchema = z.object({
  id: z.string(),
  device_id: z.string().default(''),
  device_owner: z.string().default(''),
  network_id: z.string(),
  description: z.string().nullish(),
  status: z.string().default(''),
  fixed_ips: z.array(z.object({ subnet_id: z.string(), ip_address: z.string() })).default([]),
  security_groups: z.array(z.string()).default([]),
  /** Absent where neutron lacks the extension, which means that groups count. */
  port_security_enabled: z.boolean().default(true),
});

export type Port = z.infer<typeof portSchema>;

/**
 * Ports that match neutron's filters.
 *
 * @param query for example `device_id`, `network_id`, `security_groups`
 */
export async function listPorts(
  cloud: Cloud,
  query: Record<string, string>,
  signal?: AbortSignal,
): Promise<Port[]> {
  return cloud.list({
    service: 'network',
    path: '/v2.0/ports',
    query,
    key: 'ports',
    schema: portSchema,
    signal,
  });
}

/** The network cards of a server. */
export async function portsOf(cloud: Cloud, serverId: string, signal?: AbortSignal): Promise<Port[]> {
  return listPorts(cloud, { device_id: serverId }, signal);
}

/** Ports that were made for the VM by name, and not by nova: nova deletes its own with the server. */
export async function portsMarked(cloud: Cloud, vmId: string, signal?: AbortSignal): Promise<Port[]> {
  const ports = await listPorts(cloud, { description: markOf(vmId) }, signal);
  return ports.filter((port) => port.description === markOf(vmId));
}
