/**
 * Edgeyard beside the tools a user would pick instead, in one run on one machine.
 *   usage: npm run bench [name…]       names: console upload vm search idle
 */
import { resolve } from 'node:path';
import { measureConsole } from './console';
import { measureIdle } from './idle';
import { reportOf, type Measure } from './measure';
import { measureSearch } from './store-search';
import { measureUpload } from './upload';
import { measureVm } from './vm';

const guestsDir = resolve(process.env.EDGEYARD_GUESTS ?? 'data/guests');
const benches: Record<string, () => Promise<Measure[]>> = {
  console: measureConsole,
  upload: () => measureUpload(guestsDir),
  vm: () => measureVm(guestsDir),
  search: () => Promise.resolve(measureSearch()),
  idle: () => measureIdle(guestsDir),
};

const chosen = process.argv.slice(2);
const measures: Measure[] = [];
for (const [name, measure] of Object.entries(benches)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  console.log(`measuring ${name} …`);
  measures.push(...(await measure()));
}
console.log(`\n${reportOf(measures)}`);
