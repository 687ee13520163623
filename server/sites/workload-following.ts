/** How rooms that deploy containers follow what goes on at a site. */
import type { StepContext } from '../jobs/job';
import type { Log } from '../log';
import { followSites } from './follow-sites';
import type { SiteRegistry } from './registry';
import type { WorkloadSite } from './site';
import type { Workloads, WorkloadStatus } from './workloads';

/** Lines of the site's own words that a failed deployment keeps, since nothing of it is left there. */
const keptEvents = 40;
const statusEveryMs = 1000;

type DeployCall = Parameters<Workloads['deploy']>[1];

/**
 * What a job's step hears of a deployment: the site's reports as lines, the ready parts as percent.
 *
 * @param seen gets the status, once a second at most
 */
export function followDeploy(
  step: StepContext,
  seen: (status: WorkloadStatus) => void,
): Required<Pick<DeployCall, 'report' | 'status'>> & { signal: AbortSignal } {
  let told = 0;
  return {
    signal: step.signal,
    report: ({ event, params = {}, detail }) => {
      step.log({ key: `workloads.events.${event}`, params, detail });
    },
    status: (status) => {
      const ready = status.parts.filter(({ state }) => state === 'ready' || state === 'done').length;
      const percent = status.parts.length === 0 ? 0 : Math.floor((ready * 100) / status.parts.length);
      step.progress({ done: percent, total: 100, unit: 'percent' });
      if (Date.now() - told < statusEveryMs) return;
      told = Date.now();
      seen(status);
    },
  };
}

/**
 * Keeps what the site said of a workload that failed, before everything of it is taken away again.
 *
 * @param site gives the site, or throws while it is not open
 * @param job its log takes the last events
 * @returns how its parts stood; undefined where that could not be read
 */
export async function lastWords(
  site: () => Pick<WorkloadSite, 'workloads'>,
  workloadId: string,
  job: { signal: AbortSignal; log(line: string): void },
  log: Log,
): Promise<WorkloadStatus | undefined> {
  try {
    const { workloads } = site();
    const status = await workloads.status(workloadId, { signal: job.signal });
    const events = await workloads.events(workloadId, { signal: job.signal });
    for (const event of events.slice(-keptEvents)) {
      job.log(`${event.about}: ${event.reason}: ${event.message}`);
    }
    return status;
  } catch (error) {
    // The first failure is the one to be told.
    log.warn({ err: error, deployment: workloadId }, 'events of a failed deployment could not be read');
    return undefined;
  }
}

/**
 * Calls the listener with the id of a workload when something of it changed at its site, also at sites that come later.
 *
 * @returns ends the watching
 */
export function watchWorkloads(
  sites: Pick<SiteRegistry, 'workloadSites' | 'onWorkloadSite'>,
  touched: (workloadId: string) => void,
): () => void {
  return followSites(
    sites.workloadSites(),
    (listener) => sites.onWorkloadSite(listener),
    (site) => site.onWorkloadChange(touched),
  );
}
