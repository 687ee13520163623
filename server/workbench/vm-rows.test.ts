import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { openEvents } from '../jobs/events';
import type { SiteVm } from '../sites/site';
import { vms } from './tables';
import { openBench, withVm } from './testing';
import { openVmRows } from './vm-rows';
import { bootView } from './vm-views';

it('lets a boot begin when its start is first seen, so that its first phase is one of it', async () => {
  const { db } = await withVmRow();
  const rows = openVmRows({ db, events: openEvents() } as never);
  const row = db.select().from(vms).get();
  if (!row) throw new Error('no row');
  const since = 1_000_000;
  const seen: SiteVm = {
    ref: row.siteRef ?? '',
    vmId: row.id,
    state: 'running',
    reason: undefined,
    since,
    boot: [{ phase: 'firmware', at: since + 5 }],
    flavor: { vcpus: 1, memoryMiB: 256, diskGiB: 1 },
    addresses: [],
    forwards: [],
    ssh: undefined,
  };
  rows.take(row, seen);
  const later = rows.take(rows.find(row.id) ?? row, { ...seen, since: since + 50 });
  if (!later) throw new Error('the row is gone');
  expect(later.bootStartedAt).toBe(since);
  expect(bootView(later, since + 100).phases.map(({ phase }) => phase)).toEqual(['firmware']);
});

/** A VM's row as it is before anything of its boot was seen. */
async function withVmRow() {
  const bench = await openBench();
  const { vmId } = await withVm(bench);
  await bench.jobs.stop();
  bench.workbench.close();
  bench.db.update(vms).set({ bootStartedAt: null, boot: [] }).where(eq(vms.id, vmId)).run();
  return bench;
}
