import { expect, it, vi } from 'vitest';
import { ada, openBench, vmInput, withVm } from './testing';

it('VMs of a site that is gone are dropped, and what works on them ends without it', async () => {
  const bench = await openBench();
  const { projectId, vmId } = await withVm(bench);
  const deleted = vi.fn();
  bench.workbench.onVmDeleted(deleted);
  // The site never answers any more.
  bench.site.vms.create = (_spec, { signal }) =>
    new Promise((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
    });
  const remove = vi.spyOn(bench.site.vms, 'delete');
  const making = await bench.workbench.vms.create(ada, projectId, { ...vmInput, name: 'second' });
  const jobId = making.job?.id ?? '';
  await vi.waitFor(() => expect(bench.jobs.get(jobId)?.steps[1]?.state).toBe('running'));

  const gone = bench.workbench.forgetAt('local');
  expect(gone.map(({ name }) => name)).toEqual(['vm-1', 'second']);
  expect(bench.workbench.vms.list(ada, projectId)).toEqual([]);
  expect(bench.workbench.vmById(vmId)).toBeUndefined();
  expect(deleted.mock.calls.flat()).toEqual(gone.map(({ id }) => id));
  await bench.jobs.settled(jobId);
  expect(bench.jobs.get(jobId)?.state).toBe('cancelled');
  expect(remove).not.toHaveBeenCalled();
  expect(bench.workbench.forgetAt('elsewhere')).toEqual([]);
});
