/** The own registry of an edge, which may be restarting just when something is to be brought there. */
import { setTimeout as pause } from 'node:timers/promises';
import type { StepContext } from '../../jobs/job';
import { isProblem } from '../../problem';
import { asking } from '../../registries/registry-problem';
import type { EdgeRegistry } from '../edges/edges';
import type { EdgeView } from '../edges/schemas';
import { addressOf } from './inventory';
import type { DistributionPorts } from './ports';

/** As long as one is waited for that goes away in the middle of a transfer, or a little longer. */
const usualPatienceMs = 30_000;
const lookMs = 1_000;

/** What a registry says that does not answer now; a wrong login or authority stays so. */
const away = new Set(['unreachable', 'timeout', 'cut'].map((fault) => `registries.errors.faults.${fault}`));

/**
 * Asks the registry of an edge something. One that does not answer, though it may have answered an hour ago, is asked
 * again for a while, which the job says.
 *
 * @param question is put as often as it takes
 * @returns its answer; undefined for an edge without a registry
 * @throws Problem `unavailable`, with the registry's words
 */
export async function askEdgeRegistry<T>(
  { edges, registryPatienceMs = usualPatienceMs }: DistributionPorts,
  edge: EdgeView,
  step: Pick<StepContext, 'signal' | 'log' | 'message'>,
  question: (own: EdgeRegistry) => Promise<T>,
): Promise<T | undefined> {
  if (edge.registry === null) return undefined;
  const registry = addressOf(edge);
  const started = Date.now();
  for (let told = false; ;) {
    try {
      const answer = await asking(registry, async () => {
        const own = await edges.registryOf(edge.id);
        return own && (await question(own));
      });
      if (told) {
        const seconds = Math.round((Date.now() - started) / 1000);
        const words = { key: 'distribution.log.registryBack', params: { registry, seconds } };
        step.log(words);
        step.message(words);
      }
      return answer;
    } catch (error) {
      step.signal.throwIfAborted();
      if (!isProblem(error) || !away.has(error.key)) throw error;
      if (Date.now() - started >= registryPatienceMs) throw error;
      const params = { registry, seconds: Math.round(registryPatienceMs / 1000) };
      const words = { key: 'distribution.log.registryAway', params, detail: error.detail };
      if (!told) step.log(words);
      step.message(words);
      told = true;
    }
    await pause(lookMs, undefined, { signal: step.signal });
  }
}
