/** What an edge has, in the words of operations, out of what each kind of site tells. */
import { Problem } from '../../problem';
import { runsContainers, type AnySite, type SiteOffers } from '../../sites/site';
import type { WorkloadNode } from '../../sites/workloads';
import type { Capacity } from './schemas';

/** What a look at an edge found: what it has, and what is wrong with it although it answers. */
export interface Seen {
  capacity: Capacity;
  problem: Problem | undefined;
}

/**
 * Asks a site what it has.
 *
 * @param signal ends the asking
 * @throws Problem of the site when it does not answer
 */
export async function lookAtSite(site: AnySite, signal: AbortSignal): Promise<Seen> {
  if (!runsContainers(site)) {
    const { capacity } = await site.offers({ signal });
    return { capacity: ofVms(capacity), problem: undefined };
  }
  const { nodes } = await site.capacity({ signal });
  return { capacity: ofNodes(nodes), problem: whatAils(nodes) };
}

function ofVms({ vcpus, memoryMiB, diskGiB }: SiteOffers['capacity']): Capacity {
  return { cpus: vcpus, memoryMiB, diskGiB, nodes: [] };
}

/** What can be used now: a machine that is not ready has nothing to give. */
function ofNodes(nodes: readonly WorkloadNode[]): Capacity {
  const ready = nodes.filter((node) => node.ready);
  const total = sum(ready.map(({ diskGiB }) => diskGiB));
  const free = sum(ready.map(({ freeDiskGiB }) => freeDiskGiB));
  return {
    cpus: { total: sum(ready.map(({ cpus }) => cpus)) ?? 0, used: sum(ready.map((node) => node.usedCpus)) },
    memoryMiB: {
      total: sum(ready.map(({ memoryMiB }) => memoryMiB)) ?? 0,
      used: sum(ready.map((node) => node.usedMemoryMiB)),
    },
    diskGiB: total === null || free === null ? null : { total, used: Math.round((total - free) * 100) / 100 },
    nodes: nodes.map(({ name, ready: is, reason, freeDiskGiB }) => ({
      name,
      ready: is,
      reason,
      freeDiskGiB: freeDiskGiB ?? null,
    })),
  };
}

/** Null as soon as one of them is not known: half a sum says nothing. */
function sum(numbers: readonly (number | undefined)[]): number | null {
  if (numbers.length === 0 || numbers.some((number) => number === undefined)) return null;
  const total = numbers.reduce<number>((all, number) => all + (number ?? 0), 0);
  return Math.round(total * 100) / 100;
}

function whatAils(nodes: readonly WorkloadNode[]): Problem | undefined {
  const ill = nodes.filter((node) => !node.ready);
  if (nodes.length > 0 && ill.length === 0) return undefined;
  const params = { count: ill.length, all: nodes.length, names: ill.map(({ name }) => name).join(', ') };
  const detail = ill.map(({ reason }) => reason).find((reason) => reason !== '');
  const key = ill.length === nodes.length ? 'edges.health.noNode' : 'edges.health.someNodes';
  return new Problem('unavailable', key, params, { detail });
}
