import pino from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { openEvents } from '../jobs/events';
import { Problem } from '../problem';
import { fakeImage, openFakeSite } from '../sites/fake/fake-site';
import type { Site } from '../sites/site';
import { openSiteSet } from '../sites/site-set';
import { ada, openBench, projectInput, vmInput, withVm } from './testing';

describe('what the site says', () => {
  it('reaches the row: a guest that ends by itself, with the reason', async () => {
    const bench = await openBench();
    const { vmId } = await withVm(bench);
    bench.site.controls.die(vmId, 'died', 'qemu: out of memory');
    await vi.waitFor(() => expect(bench.workbench.vms.get(ada, vmId).state).toBe('failed'));
    expect(bench.workbench.vms.get(ada, vmId)).toMatchObject({
      reason: 'died',
      reasonDetail: 'qemu: out of memory',
    });
  });

  it('tells a slow boot from one that never asks for a login', async () => {
    const bench = await openBench();
    bench.site.controls.bootUntil('kernel');
    const { vmId } = await withVm(bench);
    const vm = bench.workbench.vms.get(ada, vmId);
    expect(vm.boot.verdict).toBe('booting');
    const { boot } = vm;
    vi.useFakeTimers({ now: (boot.startedAt ?? 0) + boot.silentAfterMs + 1, toFake: ['Date'] });
    try {
      expect(bench.workbench.vms.get(ada, vmId).boot.verdict).toBe('silent');
      bench.site.controls.reach(vmId, 'login');
      await vi.waitFor(() => expect(bench.workbench.vms.get(ada, vmId).boot.verdict).toBe('booted'));
    } finally {
      vi.useRealTimers();
    }
  });

  it('is taken over at the start of the server', async () => {
    const first = await openBench();
    const { vmId, projectId } = await withVm(first);
    const { vm: other, job } = await first.workbench.vms.create(ada, projectId, { ...vmInput, name: 'vm-2' });
    await first.jobs.settled(job?.id ?? '');
    first.workbench.close();
    await first.jobs.stop();
    first.site.controls.die(vmId, 'diedWhileAway');
    await first.site.vms.delete(other.id, {});

    const second = await openBench({ db: first.db, site: first.site });
    expect(second.workbench.vms.get(ada, vmId)).toMatchObject({ state: 'stopped', reason: 'diedWhileAway' });
    expect(second.workbench.vms.get(ada, other.id)).toMatchObject({ state: 'failed', reason: 'missing' });
  });

  it('wins over a hold whose job is gone', async () => {
    const first = await openBench();
    const { vmId } = await withVm(first);
    first.workbench.vms.hold(vmId, 'job_that_is_gone');
    expect(first.workbench.vms.get(ada, vmId).state).toBe('capturing');
    first.workbench.close();
    await first.jobs.stop();
    const second = await openBench({ db: first.db, site: first.site });
    expect(second.workbench.vms.get(ada, vmId)).toMatchObject({ state: 'running', jobId: undefined });
  });

  it('does not disturb a hold, and is read when it ends', async () => {
    const bench = await openBench();
    const { vmId } = await withVm(bench);
    bench.workbench.vms.hold(vmId, 'job_1');
    bench.site.controls.die(vmId, 'guestPowerOff');
    await bench.site.vms.get(vmId);
    expect(bench.workbench.vms.get(ada, vmId).state).toBe('capturing');
    await bench.workbench.vms.release(vmId);
    expect(bench.workbench.vms.get(ada, vmId)).toMatchObject({ state: 'stopped', reason: 'guestPowerOff' });
  });

  it('does not need the site to be there at the start', async () => {
    const bench = await openBench({ run: false });
    const { id } = bench.workbench.projects.create(ada, projectInput);
    const { vm } = await bench.workbench.vms.create(ada, id, vmInput);
    expect(bench.workbench.vms.get(ada, vm.id).state).toBe('creating');
  });
});

describe('a site that comes and goes', () => {
  const quiet = { events: openEvents(), log: pino({ level: 'silent' }), firstRetryMs: 1, maxRetryMs: 4 };

  const timeout = () => new Problem('unavailable', 'openstack.errors.timeout');

  /** A bench whose site is reached, or not, as the test says. */
  async function openFar() {
    const site = openFakeSite({ id: 'local', name: 'Far away', images: [fakeImage({ id: 'tiny' })] });
    const set = openSiteSet(quiet);
    let down = false;
    let unread = 0;
    const make = (): Site => ({
      ...site,
      vms: {
        ...site.vms,
        list: () => (unread-- > 0 ? Promise.reject(timeout()) : site.vms.list()),
      },
      open: () => (down ? Promise.reject(timeout()) : site.open()),
    });
    const candidate = { ...site, purpose: 'edge' as const, enabled: true, make };
    await set.put(candidate);
    const bench = await openBench({ site, sites: set.registry });
    return { bench, set, candidate, isDown: (now: boolean) => (down = now), failList: () => (unread = 1) };
  }

  it('leaves its VMs in their last known state while it is away, and says since when', async () => {
    const { bench, set, candidate, isDown } = await openFar();
    const { vmId } = await withVm(bench);
    isDown(true);
    await set.put(candidate);
    bench.site.controls.die(vmId, 'died');
    const vm = bench.workbench.vms.get(ada, vmId);
    expect(vm).toMatchObject({
      state: 'running',
      siteName: 'Far away',
      siteDown: { state: 'unavailable', problem: { key: 'openstack.errors.timeout' } },
    });
    expect(vm.siteDown?.since).toBe(set.registry.standing('local')?.since);
    expect(vm.gates.stop).toMatchObject({ allowed: false, key: 'sites.gates.siteDown' });
    await expect(bench.workbench.vms.act(ada, vmId, { action: 'stop' })).rejects.toMatchObject({
      code: 'unavailable',
    });

    isDown(false);
    await vi.waitFor(() => expect(bench.workbench.vms.get(ada, vmId).state).toBe('failed'));
    expect(bench.workbench.vms.get(ada, vmId)).toMatchObject({ reason: 'died', siteDown: undefined });
  });

  it('is followed when it is added later, and no more once it is removed', async () => {
    const { bench, set, candidate } = await openFar();
    const { vmId } = await withVm(bench);
    await set.remove('local');
    bench.site.controls.die(vmId, 'died');
    expect(bench.workbench.vms.get(ada, vmId).state).toBe('running');
    await set.put(candidate);
    await vi.waitFor(() => expect(bench.workbench.vms.get(ada, vmId).state).toBe('failed'));
    await bench.site.vms.start(vmId, {});
    await vi.waitFor(() => expect(bench.workbench.vms.get(ada, vmId).state).toBe('running'));
  });

  it('whose list leaves boots unread keeps those it knew, and asks for one that goes on', async () => {
    const { bench, set, candidate } = await openFar();
    const { vmId } = await withVm(bench);
    const known = bench.workbench.vms.get(ada, vmId).boot.phases;
    expect(known.at(-1)?.phase).toBe('login');
    const list = bench.site.vms.list.bind(bench.site.vms);
    let begun = 0;
    bench.site.vms.list = async () =>
      (await list()).map((vm) => ({
        ...vm,
        boot: [{ phase: 'firmware', at: begun }],
        bootUnread: true,
      }));
    const get = vi.spyOn(bench.site.vms, 'get');
    await set.remove('local');
    await set.put(candidate);
    expect(get).not.toHaveBeenCalled();
    expect(bench.workbench.vms.get(ada, vmId).boot.phases).toEqual(known);

    // Restarted while nobody looked.
    begun = Date.now() + 60_000;
    await set.remove('local');
    await set.put(candidate);
    await vi.waitFor(() => expect(get).toHaveBeenCalledWith(vmId));
  });

  it('whose list cannot be read is taken over at its next sign of life', async () => {
    const { bench, set, candidate, failList } = await openFar();
    const { vmId } = await withVm(bench);
    await set.remove('local');
    bench.site.controls.die(vmId, 'died');
    failList();
    await set.put(candidate);
    expect(bench.workbench.vms.get(ada, vmId).state).toBe('running');
    await bench.site.vms.start(vmId, {});
    bench.site.controls.die(vmId, 'forced');
    await vi.waitFor(() => expect(bench.workbench.vms.get(ada, vmId)).toMatchObject({ reason: 'forced' }));
  });
});

describe('the screen', () => {
  it('is pictured at most once in four seconds, whoever asks', async () => {
    const bench = await openBench();
    const { vmId } = await withVm(bench);
    const [one, two] = await Promise.all([
      bench.workbench.vms.screen(ada, vmId),
      bench.workbench.vms.screen(ada, vmId),
    ]);
    expect(two.png).toBe(one.png);
    expect(one.png.subarray(1, 4).toString()).toBe('PNG');
    expect(bench.site.controls.calls.filter((call) => call.startsWith('screenshot'))).toHaveLength(1);
  });

  it('is refused for a VM that is stopped', async () => {
    const bench = await openBench();
    const { vmId } = await withVm(bench);
    await bench.workbench.vms.act(ada, vmId, { action: 'forceStop' });
    await expect(bench.workbench.vms.screen(ada, vmId)).rejects.toMatchObject({
      key: 'workbench.gates.isStopped',
    });
  });
});

describe('the way into the guest', () => {
  it('is the project’s key, and the host key that was seen first', async () => {
    const bench = await openBench();
    const { vmId, projectId } = await withVm(bench);
    const access = await bench.workbench.guestAccess(vmId);
    expect(access).toMatchObject({
      host: '127.0.0.1',
      port: 22_000,
      username: 'root',
      knownHostKey: undefined,
    });
    expect(access.privateKey).toContain('BEGIN OPENSSH PRIVATE KEY');
    expect(bench.workbench.projects.get(ada, projectId).sshPublicKey).toMatch(/^ssh-ed25519 /);
    access.pin('AAAA');
    expect((await bench.workbench.guestAccess(vmId)).knownHostKey).toBe('AAAA');
    expect(JSON.stringify(bench.workbench.projects.get(ada, projectId))).not.toContain('PRIVATE');
  });

  it('is missing where the network has none, and says so', async () => {
    const bench = await openBench();
    const { projectId } = await withVm(bench);
    const { vm, job } = await bench.workbench.vms.create(ada, projectId, {
      ...vmInput,
      name: 'vm-2',
      network: { id: 'none', forwards: [] },
    });
    await bench.jobs.settled(job?.id ?? '');
    await expect(bench.workbench.guestAccess(vm.id)).rejects.toMatchObject({
      key: 'workbench.errors.noSshWay',
    });
  });
});
