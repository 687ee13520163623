import type { SiteView } from '@/server/sites/schemas';

/** Of all sites those that run VMs: the others run containers, and are no choice for one. */
export function sitesOfVms(sites: readonly SiteView[]): SiteView[] {
  return sites.filter(({ runs }) => runs === 'vms');
}
