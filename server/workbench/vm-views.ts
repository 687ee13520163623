import { fingerprintOf } from './guest/ssh';
import type { SiteStanding } from '../sites/registry';
import { capabilitiesOf, type VmCapability } from '../sites/capabilities';
import type { Site, SiteVm } from '../sites/site';
import type { BootView, VmView } from './model';
import type { WorkbenchPorts } from './ports';
import type { ProjectRows } from './project-rows';
import { gatesOf, vmActions, type Gate, type VmAction, type VmState } from './vm-gates';
import { toVm, type VmRow } from './vm-rows';

/** After so long without a login prompt a running guest counts as silent. TCG boots Debian in about a minute. */
export const silentAfterMs = 180_000;

const asks: Partial<Record<VmAction, VmCapability>> = {
  console: 'console',
  screen: 'screens',
  capture: 'capture',
};
const alive: ReadonlySet<VmState> = new Set(['starting', 'running', 'paused', 'stopping', 'capturing']);

/** What pages see of a VM: the row, its site's abilities, and what is allowed now. */
export function vmView(
  ports: WorkbenchPorts,
  projectRows: ProjectRows,
  row: VmRow,
  seen: SiteVm | undefined,
): VmView {
  const site = ports.sites.list().find(({ id }) => id === row.siteId);
  const standing = ports.sites.standing(row.siteId);
  const { sshKeys, ...vm } = toVm(row);
  return {
    ...vm,
    projectName: projectRows.find(row.projectId)?.name ?? row.projectId,
    siteName: standing?.name ?? row.siteId,
    siteKind: standing?.kind,
    siteDown: standing && standing.state !== 'ready' ? downOf(standing) : undefined,
    capabilities: site ? capabilitiesOf(site) : [],
    addresses: seen?.addresses ?? [],
    floating: seen?.floating ?? [],
    ssh: seen?.ssh,
    boot: bootView(row, (ports.now ?? Date.now)()),
    gates: gatesFor(row.state, standing?.state === 'ready' ? site : undefined),
    hostKey: row.hostKey === null ? undefined : fingerprintOf(row.hostKey),
    ownKeys: sshKeys.length,
  };
}

function downOf({ state, since, problem }: SiteStanding): VmView['siteDown'] {
  return { state, since, problem };
}

/** Gates by state, narrowed by what the site can do; a site that is not there can do nothing. */
function gatesFor(state: VmState, site: Site | undefined): Record<VmAction, Gate> {
  const gates = gatesOf(state);
  if (!site) {
    for (const action of vmActions)
      gates[action] = { allowed: false, key: 'sites.gates.siteDown', wayOut: undefined };
    return gates;
  }
  for (const [action, capability] of Object.entries(asks) as [VmAction, VmCapability][]) {
    if (site[capability] === undefined) {
      gates[action] = { allowed: false, key: `sites.missing.${capability}`, wayOut: undefined };
    }
  }
  if (!site.forcesOff) {
    gates.forceStop = { allowed: false, key: 'sites.missing.forceOff', wayOut: 'stop' };
  }
  return gates;
}

/** How the present start stands. @param now milliseconds since 1970 */
export function bootView(row: Pick<VmRow, 'state' | 'boot' | 'bootStartedAt'>, now: number): BootView {
  const startedAt = row.bootStartedAt ?? undefined;
  // Phases of an earlier start stay in the row until the new one reports its first.
  const phases = row.boot.filter(({ at }) => startedAt === undefined || at >= startedAt);
  const reached = new Set(phases.map(({ phase }) => phase));
  const base = { startedAt, phases, silentAfterMs };
  if (!alive.has(row.state) || startedAt === undefined) return { ...base, verdict: 'idle' };
  if (reached.has('panic')) return { ...base, verdict: 'panic' };
  if (reached.has('login')) return { ...base, verdict: 'booted' };
  return { ...base, verdict: now - startedAt > silentAfterMs ? 'silent' : 'booting' };
}
