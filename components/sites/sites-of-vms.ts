import type { SiteView } from '@/server/sites/schemas';

/** Of all sites those that single VMs can be made on: others run containers, or take packages whole as an Edgeyard does. */
export function sitesOfVms(sites: readonly SiteView[]): SiteView[] {
  return sites.filter(({ runs, kind }) => runs === 'vms' && kind !== 'edgeyard');
}
