/** What a site can do beside running something: the UI and the API derive from it what is offered, and why not. */
import { runsContainers, runsVms, type AnySite } from './site';

const vmCapabilities = [
  'console',
  'screens',
  'serial',
  'capture',
  'agent',
  'reach',
  'stacks',
  'diskCache',
] as const;
export type VmCapability = (typeof vmCapabilities)[number];
export type Capability = VmCapability | 'workloads' | 'imageCache';

/** The capabilities a site has; the reason text for a missing one is `sites.missing.<capability>`. */
export function capabilitiesOf(site: AnySite): Capability[] {
  if (runsContainers(site)) return ['workloads', 'imageCache'];
  if (!runsVms(site)) return ['stacks', 'diskCache'];
  return vmCapabilities.filter((name) => site[name] !== undefined);
}
