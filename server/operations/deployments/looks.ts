/** Looks at what runs: one when somebody asks, and one when a site tells that something changed. */
import { Problem } from '../../problem';
import { followSites } from '../../sites/follow-sites';
import type { SiteRegistry } from '../../sites/registry';
import { watchWorkloads } from '../../sites/workload-following';
import type { DeploymentRow, DeploymentRows } from './deployment-rows';
import type { DeploymentPorts } from './ports';
import { seenStack, stacksOf } from './stack-ground';
import { seenWorkload } from './workload-ground';

export interface Looks {
  /**
   * A deployment as its site tells of it now, and written down when that is news.
   *
   * @throws what the site throws
   */
  look(row: DeploymentRow, signal?: AbortSignal): Promise<DeploymentRow>;
  /** Ends the watching. */
  close(): void;
}

/** Opens them; from then on what sites tell of changes is followed. */
export function openLooks(ports: DeploymentPorts, rows: DeploymentRows): Looks {
  const looking = new Set<string>();
  const again = new Set<string>();

  const look = async (row: DeploymentRow, signal?: AbortSignal): Promise<DeploymentRow> => {
    if (!isThere(row)) return row;
    const now = await seenNow(ports, row, signal);
    // While the site was asked somebody may have begun to change it, which the older look must not undo.
    const after = rows.find(row.id);
    if (!after || after.jobId !== row.jobId || after.state !== row.state) return after ?? row;
    const isNews = Object.entries(now).some(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(after[name as keyof DeploymentRow]),
    );
    if (isNews) rows.write(row.id, now);
    return { ...after, ...now };
  };

  const follow = async (id: string): Promise<void> => {
    looking.add(id);
    do {
      again.delete(id);
      const row = rows.find(id);
      if (row) await look(row);
    } while (again.has(id));
  };

  const touched = (id: string): void => {
    if (looking.has(id)) {
      again.add(id);
      return;
    }
    if (!rows.find(id)) return;
    follow(id)
      .catch((error: unknown) => {
        ports.log.warn({ err: error, deployment: id }, 'a deployment that changed could not be looked at');
      })
      .finally(() => looking.delete(id));
  };

  const stops = [
    watchWorkloads(ports.sites, touched),
    watchVms(ports.sites, (siteId, ref) => {
      const changed = rows.at(siteId).find(({ resources }) => resources.some(({ id }) => id === ref));
      if (changed) touched(changed.id);
    }),
  ];
  return {
    look,
    close: () => {
      for (const stop of stops) stop();
    },
  };
}

/** Calls the listener when a VM changed at a site that tells so, also at sites that come later. */
function watchVms(
  sites: Pick<SiteRegistry, 'list' | 'onChange'>,
  changed: (siteId: string, ref: string) => void,
): () => void {
  return followSites(
    sites.list(),
    (listener) => sites.onChange(listener),
    (site) =>
      site.onChange(({ ref }) => {
        changed(site.id, ref);
      }),
  );
}

/** Whether something of it should be at its site, which no job works on. */
function isThere({ state, runs, stackRef }: DeploymentRow): boolean {
  if (state === 'creating' || state === 'changing' || state === 'deleting') return false;
  return runs === 'stack' ? stackRef !== null : state !== 'failed';
}

async function seenNow(
  ports: DeploymentPorts,
  { id, siteId, runs, stackRef }: DeploymentRow,
  signal: AbortSignal | undefined,
): Promise<Partial<DeploymentRow>> {
  if (runs === 'workload') {
    const { workloads } = ports.sites.workloadSite(siteId);
    return seenWorkload(await workloads.status(id, { signal }));
  }
  if (stackRef === null) throw new Problem('gone', 'deployments.errors.noDeployment');
  const stack = await stacksOf(ports, siteId).get(stackRef, { signal });
  return stack ? seenStack(stack) : { state: 'gone', reason: '', outputs: [], resources: [] };
}
