import { describe, expect, it, vi } from 'vitest';
import { Problem } from '../problem';
import { fakeImage } from '../sites/fake/fake-site';
import { ada, bob, openBench, projectInput, vmInput, withVm } from './testing';

describe('creating a VM', () => {
  it('makes and starts it, and follows its boot', async () => {
    const bench = await openBench();
    const created = vi.fn();
    bench.workbench.onVmCreated(created);
    const { vmId } = await withVm(bench);
    const vm = bench.workbench.vms.get(ada, vmId);
    expect(vm).toMatchObject({ state: 'running', siteRef: vmId, login: 'root', jobId: undefined });
    expect(vm.boot).toMatchObject({ verdict: 'booted' });
    expect(vm.boot.phases.map(({ phase }) => phase)).toEqual(['firmware', 'kernel', 'login']);
    expect(created).toHaveBeenCalledOnce();
    const states = bench.workbench.vms.events(ada, vmId).map(({ kind, value }) => `${kind} ${value}`);
    expect(states[0]).toBe('state creating');
    expect(states.filter((line) => line.startsWith('boot'))).toEqual([
      'boot firmware',
      'boot kernel',
      'boot login',
    ]);
    expect(states).toContain('state running');
  });

  it('makes one VM of a double click', async () => {
    const bench = await openBench();
    const { id } = bench.workbench.projects.create(ada, projectInput);
    const [one, two] = await Promise.all([
      bench.workbench.vms.create(ada, id, vmInput, 'key-1'),
      bench.workbench.vms.create(ada, id, vmInput, 'key-1'),
    ]);
    expect(two.vm.id).toBe(one.vm.id);
    expect(two.job?.id).toBe(one.job?.id);
    expect(bench.workbench.vms.list(ada, id)).toHaveLength(1);
    await expect(bench.workbench.vms.create(ada, id, vmInput, 'key-2')).rejects.toMatchObject({
      key: 'workbench.errors.vmNameTaken',
    });
  });

  it("refuses somebody else's private image, as if it were not there", async () => {
    const bench = await openBench();
    bench.site.controls.addImage(fakeImage({ id: 'private' }));
    const { id } = bench.workbench.projects.create(bob, projectInput);
    const input = { ...vmInput, imageId: 'private' };
    const refusal = { key: 'workbench.errors.noImage' };
    await expect(bench.workbench.vms.create(bob, id, input)).rejects.toMatchObject(refusal);
    expect((await bench.workbench.vms.plan(bob, id, input)).reasons).toMatchObject([refusal]);
  });

  it('refuses what does not fit, with the numbers', async () => {
    const bench = await openBench();
    bench.site.controls.setCapacity({ memoryMiB: { total: 1024, used: 900 } });
    const { id } = bench.workbench.projects.create(ada, projectInput);
    await expect(bench.workbench.vms.create(ada, id, vmInput)).rejects.toMatchObject({
      key: 'sites.errors.memoryDoesNotFit',
      params: { asked: 256, available: 124 },
    });
    const plan = await bench.workbench.vms.plan(ada, id, { ...vmInput, flavor: { id: 'large' } });
    expect(plan.fits).toBe(false);
    expect(plan.reasons.map(({ key }) => key)).toEqual(['sites.errors.memoryDoesNotFit']);
    expect(plan.amounts).toContainEqual({ resource: 'memoryMiB', asked: 4096, free: 124, total: 1024 });
  });

  it('leaves nothing at the site after a failure, says why, and can try again', async () => {
    const bench = await openBench();
    const { id } = bench.workbench.projects.create(ada, projectInput);
    bench.site.controls.failNext('create', new Problem('no_space', 'sites.errors.noSpace'));
    const { vm, job } = await bench.workbench.vms.create(ada, id, vmInput);
    expect((await bench.jobs.settled(job?.id ?? '')).state).toBe('failed');
    expect(await bench.site.vms.list()).toEqual([]);
    const failed = bench.workbench.vms.get(ada, vm.id);
    expect(failed).toMatchObject({ state: 'failed', problem: { key: 'sites.errors.noSpace' } });
    const again = await bench.workbench.vms.act(ada, vm.id, { action: 'start' });
    expect((await bench.jobs.settled(again.job?.id ?? '')).state).toBe('done');
    expect(bench.workbench.vms.get(ada, vm.id)).toMatchObject({ state: 'running', problem: undefined });
  });

  it('leaves no trace of a cancelled creation', async () => {
    const bench = await openBench();
    const deleted = vi.fn();
    bench.workbench.onVmDeleted(deleted);
    const { id } = bench.workbench.projects.create(ada, projectInput);
    bench.site.controls.hold('create');
    const { vm, job } = await bench.workbench.vms.create(ada, id, vmInput);
    await vi.waitFor(() => expect(bench.site.controls.calls).toContain(`create ${vm.id}`));
    bench.jobs.cancel(job?.id ?? '');
    expect((await bench.jobs.settled(job?.id ?? '')).state).toBe('cancelled');
    expect(bench.workbench.vms.list(ada, id)).toEqual([]);
    expect(await bench.site.vms.list()).toEqual([]);
    expect(deleted).toHaveBeenCalledWith(vm.id);
  });

  it('goes on after the server died in the middle', async () => {
    const first = await openBench();
    const { id } = first.workbench.projects.create(ada, projectInput);
    const { release } = first.site.controls.hold('create');
    const { vm, job } = await first.workbench.vms.create(ada, id, vmInput);
    await vi.waitFor(() => expect(first.site.controls.calls).toContain(`create ${vm.id}`));
    first.workbench.close();
    await first.jobs.stop();
    release();
    const second = await openBench({ db: first.db, site: first.site });
    expect((await second.jobs.settled(job?.id ?? '')).state).toBe('done');
    expect(second.workbench.vms.get(ada, vm.id).state).toBe('running');
    expect(await second.site.vms.list()).toHaveLength(1);
  });
});

describe('power', () => {
  it('stops, starts, pauses, resumes, resets, reboots', async () => {
    const bench = await openBench();
    const { vmId } = await withVm(bench);
    const state = () => bench.workbench.vms.get(ada, vmId).state;
    for (const [action, during, after] of [
      ['stop', 'stopping', 'stopped'],
      ['start', 'starting', 'running'],
      ['pause', 'paused', 'paused'],
      ['resume', 'running', 'running'],
      ['reset', 'running', 'running'],
      ['reboot', 'stopping', 'running'],
      ['forceStop', 'stopped', 'stopped'],
    ] as const) {
      const { vm, job } = await bench.workbench.vms.act(ada, vmId, { action });
      expect([action, vm.state]).toEqual([action, during]);
      if (job) await bench.jobs.settled(job.id);
      expect([action, state()]).toEqual([action, after]);
    }
    expect(bench.workbench.vms.get(ada, vmId).reason).toBe('forced');
  });

  it('refuses by the gates, and says why', async () => {
    const bench = await openBench();
    const { vmId } = await withVm(bench);
    await expect(bench.workbench.vms.act(ada, vmId, { action: 'resume' })).rejects.toMatchObject({
      code: 'conflict',
      key: 'workbench.gates.runsAlready',
    });
  });

  it('forces a guest off that does not answer a polite stop', async () => {
    const bench = await openBench();
    const { vmId } = await withVm(bench);
    const { release } = bench.site.controls.hold('stop');
    const polite = await bench.workbench.vms.act(ada, vmId, { action: 'stop' });
    await vi.waitFor(() => expect(bench.site.controls.calls).toContain(`stop ${vmId}`));
    const forced = bench.workbench.vms.act(ada, vmId, { action: 'forceStop' });
    expect((await bench.jobs.settled(polite.job?.id ?? '')).state).toBe('cancelled');
    release();
    await forced;
    expect(bench.workbench.vms.get(ada, vmId)).toMatchObject({ state: 'stopped', reason: 'forced' });
  });

  it('is what the site says after an action failed, with the problem', async () => {
    const bench = await openBench();
    const { vmId } = await withVm(bench);
    bench.site.controls.failNext('stop', new Problem('failed', 'sites.errors.startFailed'));
    const { job } = await bench.workbench.vms.act(ada, vmId, { action: 'stop' });
    expect((await bench.jobs.settled(job?.id ?? '')).state).toBe('failed');
    expect(bench.workbench.vms.get(ada, vmId)).toMatchObject({
      state: 'running',
      problem: { key: 'sites.errors.startFailed' },
    });
  });
});

describe('deleting a VM', () => {
  it('removes it at the site and here', async () => {
    const bench = await openBench();
    const { vmId, projectId } = await withVm(bench);
    const job = bench.workbench.vms.remove(ada, vmId);
    expect(bench.workbench.vms.get(ada, vmId).state).toBe('deleting');
    await bench.jobs.settled(job.id);
    expect(bench.workbench.vms.list(ada, projectId)).toEqual([]);
    expect(await bench.site.vms.list()).toEqual([]);
  });

  it('ends a creation that is under way first', async () => {
    const bench = await openBench();
    const { id } = bench.workbench.projects.create(ada, projectInput);
    bench.site.controls.hold('create');
    const { vm } = await bench.workbench.vms.create(ada, id, vmInput);
    await vi.waitFor(() => expect(bench.site.controls.calls).toContain(`create ${vm.id}`));
    const job = bench.workbench.vms.remove(ada, vm.id);
    expect((await bench.jobs.settled(job.id)).state).toBe('done');
    expect(bench.workbench.vms.list(ada, id)).toEqual([]);
    expect(await bench.site.vms.list()).toEqual([]);
  });

  it('stays to be deleted again when the site fails', async () => {
    const bench = await openBench();
    const { vmId, projectId } = await withVm(bench);
    bench.site.controls.failNext('delete', new Problem('unavailable', 'sites.errors.noQemu'));
    await bench.jobs.settled(bench.workbench.vms.remove(ada, vmId).id);
    expect(bench.workbench.vms.get(ada, vmId)).toMatchObject({
      state: 'failed',
      problem: { key: 'sites.errors.noQemu' },
    });
    await bench.jobs.settled(bench.workbench.vms.remove(ada, vmId).id);
    expect(bench.workbench.vms.list(ada, projectId)).toEqual([]);
  });
});
