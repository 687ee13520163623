/** What nova remembers of a server: its actions, and the events inside each. */
import { z } from 'zod';
import type { SiteEvent, StopReason } from '../site';
import type { Cloud } from './cloud';
import { unlessRefused } from './refusals';
import { time, type NovaServer, type ServerPast } from './server-view';

const action = z.object({
  action: z.string(),
  request_id: z.string(),
  start_time: z.string(),
  /** When its last event ended; from microversion 2.58 on. */
  updated_at: z.string().nullish(),
  user_id: z.string().nullish(),
});
type Action = z.infer<typeof action>;

const event = z.object({
  event: z.string(),
  start_time: z.string().nullish(),
  finish_time: z.string().nullish(),
  result: z.string().nullish(),
  /** Short words behind an error; from microversion 2.84 on. */
  details: z.string().nullish(),
});

/** Actions after which the guest's firmware runs anew. */
const boots = new Set(['create', 'start', 'reboot', 'rebuild', 'unshelve', 'rescue', 'unrescue']);

/** Seconds that nova lets a guest power off in before it forces it (nova.conf, `shutdown_timeout`). */
const novaGraceSeconds = 60;

async function actionsOf(cloud: Cloud, serverId: string, signal?: AbortSignal): Promise<Action[]> {
  const found = await unlessRefused(
    cloud.find({
      service: 'compute',
      path: `/servers/${encodeURIComponent(serverId)}/os-instance-actions`,
      schema: z.object({ instanceActions: z.array(action) }),
      signal,
    }),
    undefined,
    'forbidden',
  );
  return (found?.instanceActions ?? []).toSorted((a, b) => b.start_time.localeCompare(a.start_time));
}

/**
 * Tells when a server was started last and why it is off.
 *
 * @returns what its creation tells where the cloud does not show its actions
 */
export async function readPast(cloud: Cloud, server: NovaServer, signal?: AbortSignal): Promise<ServerPast> {
  return pastOf(server, await actionsOf(cloud, server.id, signal));
}

/** @param actions the newest first */
export function pastOf(server: NovaServer, actions: readonly Action[]): ServerPast {
  const launched = time(server['OS-SRV-USG:launched_at']);
  const boot = actions.find((each) => boots.has(each.action));
  const bootedAt = boot === undefined || boot.action === 'create' ? launched : time(boot.start_time);
  return {
    bootedAt: launched === undefined ? undefined : bootedAt,
    stopped: server.status === 'SHUTOFF' ? whyStopped(actions) : undefined,
  };
}

/**
 * A guest that powers itself off is stopped by nova's own look at it, which is nobody's action. One that nova forced
 * took all the time that nova gives it.
 */
function whyStopped(actions: readonly Action[]): StopReason {
  const last = actions.find((each) => each.action === 'stop' || boots.has(each.action));
  if (last?.action !== 'stop' || !last.user_id) return 'guestPowerOff';
  const took = (time(last.updated_at) ?? 0) - (time(last.start_time) ?? 0);
  return took >= novaGraceSeconds * 1000 ? 'forced' : 'stopped';
}

/** Tells each event of an action once, as it begins and as it ends. */
export type EventTeller = (signal?: AbortSignal) => Promise<void>;

/**
 * Tells what nova does to a server, in nova's own words.
 *
 * @param name the action to follow, `create` for example
 * @param report is given each event once
 */
export function tellEvents(
  cloud: Cloud,
  serverId: string,
  name: string,
  report: (event: SiteEvent) => void,
): EventTeller {
  const told = new Set<string>();
  const base = `/servers/${encodeURIComponent(serverId)}/os-instance-actions`;
  return async (signal) => {
    const last = (await actionsOf(cloud, serverId, signal)).find((each) => each.action === name);
    if (!last) return;
    const found = await cloud.find({
      service: 'compute',
      path: `${base}/${encodeURIComponent(last.request_id)}`,
      schema: z.object({ instanceAction: z.object({ events: z.array(event).default([]) }) }),
      signal,
    });
    // Nova lists the newest first.
    for (const each of (found?.instanceAction.events ?? []).toReversed()) {
      const word = wordOf(each);
      if (told.has(`${each.event} ${word}`)) continue;
      told.add(`${each.event} ${word}`);
      report({
        event: word,
        params: { name: each.event },
        ...(each.details ? { detail: each.details } : {}),
      });
    }
  };
}

/** Below `sites.events.`: known events in our words, others by their name. */
function wordOf({ event: name, finish_time: finished, result }: z.infer<typeof event>): string {
  if (!finished) return begins[name] ?? 'novaBegins';
  return result === 'Error' ? 'novaFailed' : (ends[name] ?? 'novaEnds');
}

const begins: Record<string, string | undefined> = {
  compute__do_build_and_run_instance: 'building',
};

const ends: Record<string, string | undefined> = {
  compute__do_build_and_run_instance: 'built',
};
