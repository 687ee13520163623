/**
 * Edgeyard beside the tools a user would pick instead, in one run on one machine.
 *   usage: npm run bench [name…]       names: console upload vm search idle disk copy plan overview redistribute openstack
 * `openstack` needs a cloud, and runs when OS_CLIENT_CONFIG_FILE names its clouds.yaml.
 */
import { resolve } from 'node:path';
import { measureConsole } from './console';
import { measureCopy } from './copy';
import { measureDiskArtifact } from './disk-artifact';
import { measureIdle } from './idle';
import { reportOf, type Measure } from './measure';
import { measureOpenStack } from './openstack';
import { measureOverview } from './overview';
import { measurePlan } from './plan';
import { measureSearch } from './store-search';
import { measureRedistribute } from './redistribute';
import { measureUpload } from './upload';
import { measureVm } from './vm';

const guestsDir = resolve(process.env.EDGEYARD_GUESTS ?? 'data/guests');
const chosen = process.argv.slice(2);
const hasCloud = process.env.OS_CLIENT_CONFIG_FILE !== undefined || chosen.includes('openstack');
const benches: Record<string, () => Promise<Measure[]>> = {
  console: measureConsole,
  upload: () => measureUpload(guestsDir),
  vm: () => measureVm(guestsDir),
  search: () => Promise.resolve(measureSearch()),
  idle: () => measureIdle(guestsDir),
  disk: () => measureDiskArtifact(guestsDir),
  copy: measureCopy,
  plan: measurePlan,
  overview: () => Promise.resolve(measureOverview()),
  redistribute: measureRedistribute,
  ...(hasCloud ? { openstack: measureOpenStack } : {}),
};

const measures: Measure[] = [];
for (const [name, measure] of Object.entries(benches)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  console.log(`measuring ${name} …`);
  measures.push(...(await measure()));
}
console.log(`\n${reportOf(measures)}`);
