/** Events of a namespace, as people read them. */
import type { CoreV1Event, CoreV1EventList, V1Pod } from '@kubernetes/client-node';
import type { WorkloadEvent } from '../workloads';
import type { Cluster } from './wire';

/** @returns what a cluster remembers, about an hour of it, oldest first */
export async function readEvents(
  cluster: Cluster,
  namespace: string,
  signal: AbortSignal | undefined,
): Promise<WorkloadEvent[]> {
  const path = `/api/v1/namespaces/${namespace}/events`;
  const { items } = await cluster.ask<CoreV1EventList>({ path, signal });
  return items.map(eventOf).toSorted((a, b) => a.at - b.at);
}

function eventOf(event: CoreV1Event): WorkloadEvent {
  const at = event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp;
  return {
    at: Date.parse(String(at)),
    about: `${event.involvedObject.kind ?? ''}/${event.involvedObject.name ?? ''}`,
    warning: event.type === 'Warning',
    reason: event.reason ?? '',
    message: event.message ?? '',
  };
}

/** Words of a pull that no further try can end otherwise. */
const final = /not found|manifest unknown|HTTP response to HTTPS|x509|invalid reference/i;

/**
 * Why images of a pod cannot be fetched. A first refusal of the login is not believed: a node that may not yet read the
 * pod's pull secret asks without one, and has it at the next try.
 *
 * @returns undefined while another try may end otherwise
 */
export async function pullFault(
  cluster: Cluster,
  namespace: string,
  { metadata, status, spec }: V1Pod,
  signal: AbortSignal | undefined,
): Promise<{ image: string; words: string } | undefined> {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const waiting = all.filter(({ state }) => /ImagePull/.test(state?.waiting?.reason ?? ''));
  if (waiting.length === 0) return undefined;
  const path = `/api/v1/namespaces/${namespace}/events`;
  const query = { fieldSelector: `involvedObject.name=${metadata?.name ?? ''}` };
  const { items } = await cluster.ask<CoreV1EventList>({ path, query, signal });
  for (const { name } of waiting) {
    const image =
      [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].find((each) => each.name === name)
        ?.image ?? '';
    const failed = items.filter(({ message }) => message?.startsWith(`Failed to pull image "${image}"`));
    const words = failed.at(-1)?.message ?? '';
    const tries = failed.reduce((sum, { count }) => sum + (count ?? 1), 0);
    if (final.test(words) || tries > 1) return { image, words };
  }
  return undefined;
}
