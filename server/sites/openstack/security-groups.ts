/** Security groups: neutron lets nothing in to a port that none of its groups allows. */
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { Problem } from '../../problem';
import type { CloudOffers, OpenPort } from '../site';
import type { Cloud } from './cloud';
import { isOurs, markOf, nameOf } from './names';
import { portsOf } from './ports';
import { isRefusal } from './refusals';

const ruleSchema = z.object({
  id: z.string(),
  direction: z.string(),
  ethertype: z.string().nullish(),
  /** A name, or the number as text; absent for any. */
  protocol: z.union([z.string(), z.number()]).nullish(),
  port_range_min: z.number().nullish(),
  port_range_max: z.number().nullish(),
  remote_ip_prefix: z.string().nullish(),
  remote_group_id: z.string().nullish(),
  remote_address_group_id: z.string().nullish(),
});
export type Rule = z.infer<typeof ruleSchema>;

const groupSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullish(),
  project_id: z.string().nullish(),
  shared: z.boolean().default(false),
  security_group_rules: z.array(ruleSchema).default([]),
});
export type Group = z.infer<typeof groupSchema>;

async function listGroups(
  cloud: Cloud,
  query: Record<string, string>,
  signal?: AbortSignal,
): Promise<Group[]> {
  return cloud.list({
    service: 'network',
    path: '/v2.0/security-groups',
    query,
    key: 'security_groups',
    schema: groupSchema,
    signal,
  });
}

/** Groups a VM of the project may be put into: its own and those shared with it, without those of single VMs. */
export async function offerGroups(
  cloud: Cloud,
  signal?: AbortSignal,
): Promise<CloudOffers['securityGroups']> {
  const [{ projectId }, groups] = await Promise.all([cloud.who(signal), listGroups(cloud, {}, signal)]);
  // An administrator sees the groups of every project.
  return groups
    .filter((group) => group.project_id === projectId || group.shared)
    .filter((group) => !isOurs(group.name))
    .map(({ id, name, description }) => ({ id, name, description: description ?? '' }));
}

/** A group with its rules; undefined when it is gone. */
export async function getGroup(cloud: Cloud, id: string, signal?: AbortSignal): Promise<Group | undefined> {
  const found = await cloud.find({
    service: 'network',
    path: `/v2.0/security-groups/${encodeURIComponent(id)}`,
    schema: z.object({ security_group: groupSchema }),
    signal,
  });
  return found?.security_group;
}

/** The VM's own groups: one, unless two processes made one at the same time. */
export async function groupsOfVm(cloud: Cloud, vmId: string, signal?: AbortSignal): Promise<Group[]> {
  const { projectId } = await cloud.who(signal);
  const groups = await listGroups(cloud, { name: nameOf(vmId), project_id: projectId }, signal);
  return groups.filter((group) => group.name === nameOf(vmId)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * Makes the VM's security group, or finds it, and adds the rules it lacks, for IPv4 and IPv6.
 *
 * @param openPorts what others may reach; each is open to everybody
 * @returns the group's id
 * @throws Problem `openstack.errors.*`; a full quota of groups or rules among them
 */
export async function ensureGroup(
  cloud: Cloud,
  vmId: string,
  openPorts: readonly OpenPort[],
  signal?: AbortSignal,
): Promise<string> {
  const group = (await groupsOfVm(cloud, vmId, signal))[0] ?? (await makeGroup(cloud, vmId, signal));
  for (const open of openPorts) {
    for (const rule of rulesOf(open)) {
      if (group.security_group_rules.some((each) => isSameRule(each, rule))) continue;
      await addRule(cloud, group.id, rule, signal);
    }
  }
  return group.id;
}

async function makeGroup(cloud: Cloud, vmId: string, signal?: AbortSignal): Promise<Group> {
  const { security_group: group } = await cloud.ask({
    service: 'network',
    method: 'POST',
    path: '/v2.0/security-groups',
    body: { security_group: { name: nameOf(vmId), description: markOf(vmId) } },
    schema: z.object({ security_group: groupSchema }),
    signal,
  });
  return group;
}

interface NewRule {
  direction: 'ingress';
  ethertype: 'IPv4' | 'IPv6';
  protocol: string;
  port_range_min?: number;
  port_range_max?: number;
}

/** The two rules that open a port, as neutron takes them. */
export function rulesOf({ protocol, port }: OpenPort): NewRule[] {
  const range = port === undefined ? {} : { port_range_min: port, port_range_max: port };
  return (['IPv4', 'IPv6'] as const).map((ethertype) => ({
    direction: 'ingress',
    ethertype,
    // Neutron's name of ICMP in IPv6; `icmp` there would be protocol 1, which nobody sends.
    protocol: protocol === 'icmp' && ethertype === 'IPv6' ? 'ipv6-icmp' : protocol,
    ...(protocol === 'icmp' ? {} : range),
  }));
}

function isSameRule(there: Rule, wanted: NewRule): boolean {
  return (
    there.direction === 'ingress' &&
    there.ethertype === wanted.ethertype &&
    there.protocol === wanted.protocol &&
    (there.port_range_min ?? undefined) === wanted.port_range_min &&
    (there.port_range_max ?? undefined) === wanted.port_range_max &&
    isFromAnywhere(there)
  );
}

/** Whether a rule is for every sender. */
export function isFromAnywhere(rule: Rule): boolean {
  if (rule.remote_group_id || rule.remote_address_group_id) return false;
  return !rule.remote_ip_prefix || rule.remote_ip_prefix === '0.0.0.0/0' || rule.remote_ip_prefix === '::/0';
}

async function addRule(cloud: Cloud, groupId: string, rule: NewRule, signal?: AbortSignal): Promise<void> {
  const made = cloud.send({
    service: 'network',
    method: 'POST',
    path: '/v2.0/security-group-rules',
    body: { security_group_rule: { ...rule, security_group_id: groupId } },
    signal,
  });
  try {
    await made;
  } catch (error) {
    // Neutron refuses the same rule twice; a full quota is a conflict as well, so look which it was.
    if (!isRefusal(error, 'conflict')) throw error;
    const group = await getGroup(cloud, groupId, signal);
    if (!group?.security_group_rules.some((each) => isSameRule(each, rule))) throw error;
  }
}

/**
 * Opens a port of a running VM: a rule in its own group, and the group on each of its network cards.
 *
 * @throws Problem `conflict` when the server has no network card that groups count for
 */
export async function openPort(
  cloud: Cloud,
  vmId: string,
  serverId: string,
  port: number,
  signal?: AbortSignal,
): Promise<void> {
  const groupId = await ensureGroup(cloud, vmId, [{ protocol: 'tcp', port }], signal);
  const cards = (await portsOf(cloud, serverId, signal)).filter((card) => card.port_security_enabled);
  if (cards.length === 0) throw new Problem('conflict', 'openstack.errors.noPortForGroup');
  for (const card of cards) {
    if (!card.security_groups.includes(groupId)) {
      await setGroups(cloud, card.id, [...card.security_groups, groupId], signal);
    }
  }
}

/**
 * Puts a server's network cards into these groups and no others; cards that groups do not count for stay as they are.
 * For servers that nova could not be given groups for (see `takesGroups` of networks.ts).
 */
export async function putIntoGroups(
  cloud: Cloud,
  serverId: string,
  groupIds: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  for (const card of await portsOf(cloud, serverId, signal)) {
    if (card.port_security_enabled) await setGroups(cloud, card.id, groupIds, signal);
  }
}

async function setGroups(
  cloud: Cloud,
  portId: string,
  groupIds: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  await cloud.send({
    service: 'network',
    method: 'PUT',
    path: `/v2.0/ports/${encodeURIComponent(portId)}`,
    body: { port: { security_groups: groupIds } },
    signal,
  });
}

/** How long ports of a deleted server may take to let go of a group. */
const releaseMs = 60_000;

/**
 * Removes the VM's own groups; none is fine. A port that still uses one is waited for: nova answers before neutron
 * has deleted the ports of a server.
 *
 * @throws Problem `conflict` when a port does not let go within a minute
 */
export async function removeGroups(cloud: Cloud, vmId: string, signal?: AbortSignal): Promise<void> {
  for (const group of await groupsOfVm(cloud, vmId, signal)) {
    const until = Date.now() + releaseMs;
    for (let next = 200; ; next = Math.min(next * 2, 3000)) {
      try {
        await cloud.send({
          service: 'network',
          method: 'DELETE',
          path: `/v2.0/security-groups/${encodeURIComponent(group.id)}`,
          signal,
        });
        break;
      } catch (error) {
        if (!isRefusal(error, 'conflict') || Date.now() > until) throw error;
      }
      await pause(next, undefined, signal && { signal });
    }
  }
}
