/** Stacks of Heat: one for each deployment of a package. */
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { isProblem, Problem } from '../../../problem';
import type { ImageLibrary } from '../../image-library';
import type { Call, SiteOffers } from '../../site';
import type { Stack, StackEvent, StackMark, Stacks, StackState } from '../../stacks';
import type { Cloud } from '../cloud';
import { serverFault } from '../server-fault';
import { ensureImage } from '../upload-image';
import { planStack } from './plan';
import { imageParameter, wordOf } from './template';

const stackSchema = z.object({
  id: z.string(),
  stack_name: z.string(),
  stack_status: z.string(),
  stack_status_reason: z.string().nullish(),
  outputs: z.array(z.object({ output_key: z.string(), output_value: z.unknown() })).nullish(),
});
type HeatStack = z.infer<typeof stackSchema>;

const resourceSchema = z.object({
  resource_name: z.string(),
  resource_type: z.string(),
  resource_status: z.string(),
  resource_status_reason: z.string().nullish(),
  physical_resource_id: z.string().nullish(),
});

const eventSchema = z.object({
  id: z.string(),
  event_time: z.string(),
  resource_name: z.string(),
  resource_status: z.string(),
  resource_status_reason: z.string().nullish(),
});

/** Milliseconds between two looks at a stack that moves. */
const lookEvery = 1500;

/** Minutes Heat gives a stack. */
const stackMinutes = 20;

/**
 * The stacks of a cloud's project.
 *
 * @param offers what the project may use now
 */
export function heatStacks(
  cloud: Cloud,
  library: ImageLibrary,
  offers: (call: Call) => Promise<SiteOffers>,
): Stacks {
  const heat = { service: 'orchestration' } as const;

  const find = async (ref: string, signal: AbortSignal | undefined): Promise<HeatStack | undefined> => {
    const found = await cloud.find({
      ...heat,
      path: pathOf(ref),
      schema: z.object({ stack: stackSchema }),
      signal,
    });
    return found && found.stack.stack_status !== 'DELETE_COMPLETE' ? found.stack : undefined;
  };

  const findOurs = async (mark: StackMark, signal: AbortSignal | undefined): Promise<string | undefined> => {
    const stacks = await cloud.list({
      ...heat,
      path: '/stacks',
      // Not by tags as well: Zed's Heat fails inside when it is asked for both.
      query: { name: mark.name },
      key: 'stacks',
      schema: stackSchema.omit({ outputs: true }).extend({ tags: z.array(z.string()).nullish() }),
      signal,
    });
    const found = stacks.find(
      ({ stack_status: status, tags }) => status !== 'DELETE_COMPLETE' && tags?.includes(tagOf(mark)),
    );
    return found && refOf(found.stack_name, found.id);
  };

  const eventsOf = async (ref: string, signal: AbortSignal | undefined): Promise<StackEvent[]> => {
    const events = await cloud.list({
      ...heat,
      path: `${pathOf(ref)}/events`,
      query: { sort_dir: 'asc' },
      key: 'events',
      schema: eventSchema,
      signal,
    });
    return events.map((event) => ({
      id: event.id,
      at: Date.parse(/Z|[+-]\d\d:?\d\d$/.test(event.event_time) ? event.event_time : `${event.event_time}Z`),
      resource: event.resource_name,
      status: event.resource_status,
      reason: event.resource_status_reason ?? '',
    }));
  };

  const resourcesOf = async (ref: string, signal: AbortSignal | undefined) =>
    cloud.list({
      ...heat,
      path: `${pathOf(ref)}/resources`,
      key: 'resources',
      schema: resourceSchema,
      signal,
    });

  /** Waits until a stack is no longer in progress, telling its events. @returns undefined once it is gone */
  const settled = async (ref: string, { signal, event }: Watch): Promise<HeatStack | undefined> => {
    const told = new Set<string>();
    for (;;) {
      const stack = await find(ref, signal);
      for (const each of stack ? await quietly(eventsOf(ref, signal)) : []) {
        if (!told.has(each.id)) event?.(each);
        told.add(each.id);
      }
      if (!stack?.stack_status.endsWith('_IN_PROGRESS')) return stack;
      await pause(lookEvery, undefined, { signal });
    }
  };

  const remove = async (ref: string, watch: Watch): Promise<void> => {
    if (!(await find(ref, watch.signal))) return;
    await cloud.send({ ...heat, method: 'DELETE', path: pathOf(ref), signal: watch.signal });
    const left = await settled(ref, watch);
    if (!left) return;
    throw new Problem(
      'failed',
      'openstack.errors.stackNotDeleted',
      { name: left.stack_name },
      {
        detail: left.stack_status_reason ?? undefined,
      },
    );
  };

  /** Why a stack failed: the fault of the first resource that did, told as the fault of a server. */
  const failure = async (ref: string, stack: HeatStack): Promise<Problem> => {
    const resources = await quietly(resourcesOf(ref, undefined));
    const broken = resources.find(({ resource_status: status }) => status.endsWith('_FAILED'));
    const message = broken?.resource_status_reason ?? stack.stack_status_reason ?? '';
    return serverFault({ code: 500, message, details: undefined }).problem;
  };

  const stackOf = async (ref: string, found: HeatStack, signal: AbortSignal | undefined): Promise<Stack> => {
    const resources = await quietly(resourcesOf(ref, signal));
    return {
      ref,
      name: found.stack_name,
      state: stateOf(found.stack_status),
      reason: found.stack_status_reason ?? '',
      outputs: (found.outputs ?? []).map(({ output_key: name, output_value: value }) => ({
        name,
        value: typeof value === 'string' ? value : JSON.stringify(value ?? ''),
      })),
      resources: resources.map((each) => ({
        name: each.resource_name,
        type: each.resource_type,
        status: each.resource_status,
        id: each.physical_resource_id ?? '',
      })),
    };
  };

  return {
    plan: async (topology, images, call) => planStack(topology, await offers(call), images),

    async create(wish, { signal, event, report }) {
      const glance: Record<string, string> = {};
      for (const [image, imageId] of wish.images) {
        glance[imageParameter(image)] = await ensureImage(cloud, library, imageId, { signal, report });
      }
      const given = Object.entries(wish.parameters).map(([name, value]) => [wordOf(name), value]);
      const body = {
        stack_name: wish.name,
        template: wish.template,
        parameters: { ...Object.fromEntries(given), ...glance },
        timeout_mins: stackMinutes,
        // What failed is looked at before it is removed, and then removed by us.
        disable_rollback: true,
        tags: `${tagOf(wish)},edgeyard-job-${wish.jobId}`,
      };
      let ref = await findOurs(wish, signal);
      try {
        if (ref === undefined) {
          const made = await cloud.ask({
            ...heat,
            method: 'POST',
            path: '/stacks',
            body,
            schema: z.object({ stack: z.object({ id: z.string() }) }),
            signal,
          });
          ref = refOf(wish.name, made.stack.id);
        }
        const stack = await settled(ref, { signal, event });
        if (!stack) throw new Problem('gone', 'openstack.errors.stackGone', { name: wish.name });
        if (stack.stack_status !== 'CREATE_COMPLETE') throw await failure(ref, stack);
        return await stackOf(ref, stack, signal);
      } catch (error) {
        // A cut answer to the creation may have made the stack all the same.
        const left = ref ?? (await findOurs(wish, undefined));
        if (left !== undefined) await remove(left, {});
        throw error;
      }
    },

    find: (mark, { signal }) => findOurs(mark, signal),
    async get(ref, { signal }) {
      const found = await find(ref, signal);
      return found && stackOf(ref, found, signal);
    },
    events: (ref, { signal }) => quietly(eventsOf(ref, signal)),
    delete: remove,
  };
}

interface Watch {
  signal?: AbortSignal | undefined;
  event?: ((event: StackEvent) => void) | undefined;
}

/** Heat keeps names apart within a project, and others make stacks there as well: ours carry this. */
const tagOf = ({ deploymentId }: StackMark) => `edgeyard-deployment-${deploymentId}`;

/** Heat answers a name or an id alone with a redirect; asked with both, none comes. */
const refOf = (name: string, id: string) => `${name}/${id}`;
const nameOf = (ref: string) => ref.slice(0, ref.indexOf('/'));
const idOf = (ref: string) => ref.slice(ref.indexOf('/') + 1);
const pathOf = (ref: string) => `/stacks/${encodeURIComponent(nameOf(ref))}/${encodeURIComponent(idOf(ref))}`;

function stateOf(status: string): StackState {
  if (status.startsWith('DELETE_')) return status === 'DELETE_FAILED' ? 'failed' : 'deleting';
  if (status.endsWith('_FAILED')) return 'failed';
  return status.endsWith('_COMPLETE') ? 'ready' : 'creating';
}

/** A list of a stack that goes away between two questions is empty. */
async function quietly<T>(list: Promise<T[]>): Promise<T[]> {
  try {
    return await list;
  } catch (error) {
    if (isProblem(error) && error.code === 'not_found') return [];
    throw error;
  }
}
