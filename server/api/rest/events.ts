import { z } from '@hono/zod-openapi';
import { hasRole, type Actor } from '../../access/actor';
import type { House } from '../../house';
import type { Notice } from '../../jobs/events';
import { restRoute, type RestApp } from './route';

/** Keeps the stream open through proxies, which close idle ones after 30 s or more. */
const pingEvery = 20_000;
/** How often it is asked whether the listener still is who it was. */
const checkEvery = 60_000;
/** Beyond this many different waiting notices a slow listener is told to fetch everything again instead. */
const mostWaiting = 1_000;

const streamEvents = restRoute(
  { role: 'guest', scope: 'read' },
  {
    method: 'get',
    path: '/api/v1/events',
    tags: ['Events'],
    summary: 'Small notices of what changed, as server-sent events',
    description:
      'Each `notice` event holds `{"topic","id"}` of a thing that changed and that you may see. `resync` means that ' +
      'notices were left out, so fetch again what you show. A `ping` comes every 20 seconds.',
    responses: {
      200: { description: 'The stream', content: { 'text/event-stream': { schema: z.string() } } },
    },
  },
);

/** Whether the actor may hear a notice. */
export function mayHear(house: House, actor: Actor, { audience }: Notice): boolean {
  if ('everyone' in audience) return true;
  if ('projectId' in audience) return house.workbench.canSee(actor, audience.projectId);
  if ('role' in audience) return hasRole(actor, audience.role);
  return actor.userId === audience.userId || hasRole(actor, 'admin');
}

/** Adds the stream of notices. */
export function addEventRoutes(app: RestApp, house: House): void {
  app.openapi(streamEvents, (c) => {
    const actor = c.get('actor');
    const headers = new Headers(c.req.raw.headers);
    const stillThere = async () => {
      const now = await house.access.actorOf(headers);
      return now.userId === actor.userId && now.role === actor.role;
    };
    const stream = noticeStream(house, actor, stillThere);
    return new Response(stream, {
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store, no-transform',
        // nginx would hold the events back to fill its buffers.
        'x-accel-buffering': 'no',
      },
    });
  });
}

/**
 * The notices an actor may hear. What waits for a slow listener is bounded: one entry per thing that changed.
 *
 * @param stillThere whether the session or token that opened the stream still is good
 */
export function noticeStream(
  house: House,
  actor: Actor,
  stillThere: () => Promise<boolean>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const waiting = new Map<string, string>();
  let overflow = false;
  let end: () => void;
  let drain: () => void;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const send = (text: string) => controller.enqueue(encoder.encode(text));
        drain = () => {
          if ((controller.desiredSize ?? 0) <= 0) return;
          // Emptied first: sending asks for more at once.
          const text = overflow ? 'event: resync\ndata: {}\n\n' : [...waiting.values()].join('');
          overflow = false;
          waiting.clear();
          if (text !== '') send(text);
        };
        const hear = (notice: Notice) => {
          if (overflow || !mayHear(house, actor, notice)) return;
          const { topic, id } = notice;
          waiting.set(`${topic} ${id}`, `event: notice\ndata: ${JSON.stringify({ topic, id })}\n\n`);
          overflow = waiting.size > mostWaiting;
          drain();
        };
        const unsubscribe = house.events.subscribe((notice) => {
          try {
            hear(notice);
          } catch (error) {
            // Who publishes must not fail for a listener: this one fetches everything again when it is back.
            house.log.error({ err: error }, 'a stream of notices broke');
            end();
          }
        });
        const ping = setInterval(() => {
          drain();
          if ((controller.desiredSize ?? 0) > 0) send('event: ping\ndata: {}\n\n');
        }, pingEvery);
        const check = setInterval(() => {
          stillThere().then(
            (good) => good || end(),
            () => end(),
          );
        }, checkEvery);
        end = () => {
          unsubscribe();
          clearInterval(ping);
          clearInterval(check);
          try {
            controller.close();
          } catch {
            // The listener closed it first.
          }
        };
        send('retry: 2000\n\n');
      },
      pull: () => drain(),
      cancel() {
        end();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: 64 * 1024 }),
  );
}
