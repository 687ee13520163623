/**
 * One copy in a process of its own, as the server would do it; prints what it took as JSON.
 *   usage: tsx bench/copy-child.ts SOURCE-URL TARGET-URL NAME TAG TARGET-TAG
 */
import { copyArtifact } from '../server/oci/copy-artifact';
import { openRegistry } from '../server/oci/open-registry';

const [source = '', target = '', repository = '', tag = '', targetTag = ''] = process.argv.slice(2);
const from = openRegistry({ url: source });
const to = openRegistry({ url: target });
// A server has its clients open, and knows what its registries can do: neither is part of one copy.
await from.referrers('warm/up', `sha256:${'0'.repeat(64)}`);
await to.ping();
process.send?.('ready');
await new Promise((go) => process.once('message', go));

const cpu = process.cpuUsage();
const started = performance.now();
const report = await copyArtifact(
  { registry: from, repository, reference: tag },
  { registry: to, repository, reference: targetTag },
);
const seconds = (performance.now() - started) / 1000;
const used = process.cpuUsage(cpu);
process.send?.({
  ...report,
  seconds,
  cpuSeconds: (used.user + used.system) / 1e6,
  peakMB: process.resourceUsage().maxRSS / 1024,
});
await Promise.all([from.close(), to.close()]);
process.disconnect();
