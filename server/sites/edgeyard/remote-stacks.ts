/** Stacks on another Edgeyard: the same port, over its REST API. */
import { z } from 'zod';
import type { EdgeyardApi } from '../../edgeyards/api';
import { stackEventSchema, stackPlanSchema, stackSchema } from '../stack-schemas';
import type { Stack, StackEvent, Stacks } from '../stacks';

/** Making and removing VMs is done before the answer comes. */
const patienceMs = 20 * 60_000;

const pathOf = (ref: string) => `/api/v1/stacks/${encodeURIComponent(ref)}`;

/** The stacks of the site that another Edgeyard has of its own. */
export function remoteStacks(api: EdgeyardApi): Stacks {
  const get = (ref: string, signal: AbortSignal | undefined): Promise<Stack | undefined> =>
    api.find({ path: pathOf(ref), schema: stackSchema, signal });
  const eventsOf = async (ref: string, signal: AbortSignal | undefined): Promise<StackEvent[]> => {
    const schema = z.object({ events: z.array(stackEventSchema) });
    return (await api.find({ path: `${pathOf(ref)}/events`, schema, signal }))?.events ?? [];
  };

  return {
    plan: (topology, images, { signal }) =>
      api.ask({
        method: 'POST',
        path: '/api/v1/stacks/plan',
        body: { topology, images: Object.fromEntries(images) },
        schema: stackPlanSchema,
        signal,
      }),

    async create({ name, deploymentId, template, parameters, images }, { signal, event }) {
      try {
        const made = await api.ask({
          method: 'POST',
          path: '/api/v1/stacks',
          body: { name, deploymentId, template, parameters, images: Object.fromEntries(images) },
          schema: stackSchema,
          signal,
          patienceMs,
        });
        for (const each of await eventsOf(made.ref, signal)) event?.(each);
        return made;
      } catch (error) {
        // A cut answer may have left the stack there. Where nobody answers now, a later try finds it again.
        await api.find({ method: 'DELETE', path: pathOf(deploymentId), patienceMs }).catch(() => undefined);
        throw error;
      }
    },

    find: async ({ deploymentId }, { signal }) => (await get(deploymentId, signal))?.ref,
    get: (ref, { signal }) => get(ref, signal),
    events: (ref, { signal }) => eventsOf(ref, signal),
    async delete(ref, { signal }) {
      await api.find({ method: 'DELETE', path: pathOf(ref), signal, patienceMs });
    },
  };
}
