/** A cluster whose API is away for a while: its servers restart and are replaced while what it runs goes on. */
import { setTimeout as pause } from 'node:timers/promises';
import { isProblem, type Problem } from '../../problem';
import type { SiteEvent } from '../site';
import type { Ask, Cluster } from './wire';

/** How long an absence is waited for in the middle of something, in milliseconds. */
export const absenceMs = 180_000;
const lookMs = 1_000;

/** What is said while nobody answers; what a cluster answers with, and a certificate that is wrong, stays so. */
const away = new Set(
  ['refused', 'cut', 'timeout', 'noRoute', 'clusterBusy'].map((word) => `workloads.errors.${word}`),
);

/** Whether an error says that the API did not answer this time. */
export function isAway(error: unknown): error is Problem {
  return isProblem(error) && away.has(error.key);
}

/**
 * The cluster for work that has begun: a request that nobody answers is sent again until somebody does. Only for
 * requests that may be sent twice, since an answer may be lost after the work was done. Streams are not waited for.
 *
 * @param limitMs how long one absence may last; then its reason is thrown
 * @param report hears of the absence (`clusterAway`) and of its end (`clusterBack`)
 */
export function throughAbsence(
  cluster: Cluster,
  limitMs: number,
  report: (event: SiteEvent) => void = () => undefined,
): Cluster {
  /** When the absence began; several requests may meet the same. */
  let since: number | undefined;
  const patiently = async <T>({ signal }: Ask, send: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        const answer = await send();
        if (since !== undefined) {
          const seconds = Math.round((Date.now() - since) / 1000);
          since = undefined;
          report({ event: 'clusterBack', params: { at: cluster.at, seconds } });
        }
        return answer;
      } catch (error) {
        if (!isAway(error)) throw error;
        if (since === undefined) {
          since = Date.now();
          const params = { at: cluster.at, minutes: Math.ceil(limitMs / 60_000) };
          report({ event: 'clusterAway', params, detail: error.detail });
        }
        if (Date.now() - since >= limitMs) throw error;
      }
      await pause(lookMs, undefined, signal ? { signal } : {});
    }
  };
  return {
    ...cluster,
    ask: (ask) => patiently(ask, () => cluster.ask(ask)),
    find: (ask) => patiently(ask, () => cluster.find(ask)),
  };
}
