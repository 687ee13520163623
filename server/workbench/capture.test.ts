import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Images } from '../images/images';
import type { Job } from '../jobs/job';
import { Problem } from '../problem';
import type { Capture } from './capture';
import { captureInput, cleanCommands } from './capture-schemas';
import { ada, bob, openBench, withVm, type TestBench } from './testing';
import { captureRooms } from './testing-capture';

let bench: TestBench;
let images: Images;
let capture: Capture;
let vmId = '';
let dir = '';

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'edgeyard-capture-'));
  await open({});
  ({ vmId } = await withVm(bench));
});

/** Opens the rooms; on an earlier bench's database and site, as the next process does. */
async function open(given: Pick<Partial<TestBench>, 'db' | 'site'>): Promise<void> {
  bench = await openBench({ ...given, run: false });
  ({ images, capture } = captureRooms(bench, dir, bench.site));
  bench.jobs.run();
}

afterEach(async () => {
  images.close();
  bench.workbench.close();
  await bench.jobs.stop();
  rmSync(dir, { recursive: true, force: true });
});

const input = (part: Record<string, unknown> = {}) => captureInput.parse({ name: 'My image', ...part });
const state = () => bench.workbench.vms.get(ada, vmId).state;
const settled = (job: Job) => bench.jobs.settled(job.id);
const left = () => [
  ...readdirSync(join(dir, 'work')),
  ...readdirSync(dir).filter((name) => name.includes('.')),
];
const agentAnswers = (answer: (script: string) => string) => {
  bench.site.controls.answerExec(([, , script = '']) => ({
    exitCode: 0,
    stdout: answer(script),
    stderr: '',
  }));
};

describe('a capture', () => {
  it('stops the guest, copies, starts it again, and registers a proved image', async () => {
    const job = capture.start(ada, vmId, input({ description: 'With my files' }));
    expect(state()).toBe('capturing');
    const over = await settled(job);
    expect(over).toMatchObject({ state: 'done', error: undefined });
    const { imageId } = over.result as { imageId: string };
    const image = images.get(ada, imageId);
    expect(image).toMatchObject({
      name: 'My image',
      description: 'With my files',
      state: 'ready',
      format: 'qcow2',
      visibility: 'project',
      source: { kind: 'capture', vmId, mode: 'stop', cleaned: [], projectName: 'Camera watch' },
    });
    expect(image.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    await expect.poll(state).toBe('running');
    expect(left()).toEqual([`${imageId}.qcow2`]);
    const calls = bench.site.controls.calls.map((call) => call.split(' ')[0]);
    expect(calls.slice(-3)).toEqual(['stop', 'capture', 'start']);
    expect(() => images.get(bob, imageId)).toThrow(expect.objectContaining({ code: 'not_found' }));
  });

  it('freezes a running guest without stopping it', async () => {
    const over = await settled(capture.start(ada, vmId, input({ mode: 'freeze' })));
    expect(over.state).toBe('done');
    expect(bench.site.controls.calls.some((call) => call.startsWith('stop'))).toBe(false);
    await expect.poll(state).toBe('running');
  });

  it('leaves a VM off that was off', async () => {
    const { job } = await bench.workbench.vms.act(ada, vmId, { action: 'stop' });
    if (job) await settled(job);
    expect((await settled(capture.start(ada, vmId, input()))).state).toBe('done');
    await expect.poll(state).toBe('stopped');
  });

  it('is one capture however often it is asked for', () => {
    const first = capture.start(ada, vmId, input(), 'key');
    expect(capture.start(ada, vmId, input(), 'key').id).toBe(first.id);
    expect(() => capture.start(ada, vmId, input())).toThrow(expect.objectContaining({ code: 'conflict' }));
    expect(bench.jobs.list({ kind: 'vm.capture' })).toHaveLength(1);
  });

  it("is not for other developers' VMs", async () => {
    expect(() => capture.start(bob, vmId, input())).toThrow(expect.objectContaining({ code: 'not_found' }));
    const examined = capture.examine(bob, vmId, new AbortController().signal);
    await expect(examined).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('cleaning', () => {
  it('runs exactly the commands that were shown, in their order', async () => {
    const ran: string[] = [];
    agentAnswers((script) => {
      ran.push(script);
      return '';
    });
    const clean = ['trim', 'history', 'cloudInit', 'hostKeys'];
    const over = await settled(capture.start(ada, vmId, input({ clean })));
    expect(over.state).toBe('done');
    const order = ['hostKeys', 'cloudInit', 'history', 'trim'] as const;
    expect(ran).toEqual(order.map((item) => cleanCommands[item].cleans));
    const { imageId } = over.result as { imageId: string };
    expect(images.get(ada, imageId).source).toMatchObject({ cleaned: clean });
  });

  it('shows what is there without changing anything', async () => {
    agentAnswers(() => 'hostKeys=found\nmachineId=clean\n');
    const seen = await capture.examine(ada, vmId, new AbortController().signal);
    expect(seen).toMatchObject({ running: true, way: 'agent', agent: true });
    const lights = Object.fromEntries(seen.lights.map(({ item, state: light }) => [item, light]));
    expect(lights).toMatchObject({ hostKeys: 'found', machineId: 'clean', history: 'unknown' });
  });

  it('is not waited for where the site knows that SSH is closed, and says why', async () => {
    const closed = {
      hop: 'securityGroup',
      ok: false,
      says: 'groupClosed',
      params: { port: 22, groups: 'web' },
    };
    const reach = {
      examine: () => Promise.resolve({ hops: [closed], fixes: [] }),
      mend: () => Promise.reject(),
    };
    Object.assign(bench.site, { reach });
    bench.site.controls.answerExec(undefined);
    const seen = await capture.examine(ada, vmId, new AbortController().signal);
    expect(seen).toMatchObject({
      way: null,
      noWay: { key: 'sites.hops.groupClosed', params: closed.params },
    });
  });

  it('that fails names the item, and undoes the capture', async () => {
    bench.site.controls.answerExec(() => ({ exitCode: 1, stdout: '', stderr: 'read-only file system' }));
    const over = await settled(capture.start(ada, vmId, input({ clean: ['history'] })));
    expect(over).toMatchObject({
      state: 'failed',
      error: {
        key: 'images.capture.errors.clean',
        params: { item: 'history' },
        detail: 'read-only file system',
      },
    });
    await expect.poll(state).toBe('running');
    expect(left()).toEqual([]);
  });

  it('needs a guest that runs and then stops, and a first start for new keys', async () => {
    expect(captureInput.safeParse({ name: 'x', mode: 'freeze', clean: ['logs'] }).success).toBe(false);
    expect(captureInput.safeParse({ name: 'x', clean: ['loginKeys'] }).success).toBe(false);
    const { job } = await bench.workbench.vms.act(ada, vmId, { action: 'stop' });
    if (job) await settled(job);
    expect(() => capture.start(ada, vmId, input({ clean: ['logs'] }))).toThrow(
      expect.objectContaining({ key: 'images.capture.errors.cleanNeedsRunning' }),
    );
    expect(state()).toBe('stopped');
  });
});

describe('a copy that the site keeps', () => {
  it('is refused where the site cannot', async () => {
    expect(() => capture.start(ada, vmId, input({ keep: true }))).toThrow(
      expect.objectContaining({ key: 'images.capture.errors.cannotKeep' }),
    );
    const seen = await capture.examine(ada, vmId, new AbortController().signal);
    expect(seen.canKeep).toBe(false);
  });

  it('is asked for as the copy of the image to be, and taken back when none comes to be', async () => {
    const { capture: port } = bench.site;
    const original = port.capture.bind(port);
    const kept = new Set<string>();
    port.capture = async (ref, target, mode, call) => {
      await original(ref, target, mode, call);
      call.report?.({ event: 'snapshotKept', params: { name: call.keep?.name ?? '' } });
      if (call.keep) kept.add(call.keep.imageId);
    };
    port.forget = (imageId) => {
      kept.delete(imageId);
      return Promise.resolve();
    };
    expect((await capture.examine(ada, vmId, new AbortController().signal)).canKeep).toBe(true);
    const over = await settled(capture.start(ada, vmId, input({ keep: true })));
    const { imageId } = over.result as { imageId: string };
    expect([...kept]).toEqual([imageId]);
    expect(bench.jobs.log(over.id).map(({ line }) => line)).toContainEqual(
      expect.objectContaining({ key: 'sites.events.snapshotKept', params: { name: 'My image' } }),
    );

    await expect.poll(state).toBe('running');
    const held = bench.site.controls.hold('start');
    const cancelled = capture.start(ada, vmId, input({ keep: true }));
    await expect.poll(() => kept.size).toBe(2);
    bench.jobs.cancel(cancelled.id);
    held.release();
    expect((await settled(cancelled)).state).toBe('cancelled');
    expect([...kept]).toEqual([imageId]);
  });
});

describe('what goes wrong', () => {
  it('in the copy leaves nothing, and the VM as it was', async () => {
    bench.site.controls.failNext('capture', new Problem('no_space', 'problems.diskFull'));
    const over = await settled(capture.start(ada, vmId, input()));
    expect(over).toMatchObject({ state: 'failed', error: { key: 'problems.diskFull' } });
    await expect.poll(state).toBe('running');
    expect(left()).toEqual([]);
    expect(images.list(ada, {})).toEqual([]);
  });

  it('in a cancelled copy leaves nothing, and the VM as it was', async () => {
    const held = bench.site.controls.hold('capture');
    const job = capture.start(ada, vmId, input());
    await expect.poll(left).not.toEqual([]);
    await expect.poll(() => bench.site.controls.calls.some((call) => call.startsWith('capture'))).toBe(true);
    bench.jobs.cancel(job.id);
    held.release();
    expect((await settled(job)).state).toBe('cancelled');
    await expect.poll(state).toBe('running');
    expect(left()).toEqual([]);
  });

  it('at the start of the VM keeps the image', async () => {
    bench.site.controls.failNext('start', new Problem('failed', 'sites.errors.notRunning'));
    const over = await settled(capture.start(ada, vmId, input()));
    expect(over.state).toBe('done');
    await expect.poll(state).toBe('stopped');
  });

  it('with the process in the middle of the copy is made good by the next one', async () => {
    const held = bench.site.controls.hold('capture');
    const job = capture.start(ada, vmId, input());
    await expect.poll(() => bench.site.controls.calls.some((call) => call.startsWith('capture'))).toBe(true);
    const { db, site } = bench;
    images.close();
    bench.workbench.close();
    await bench.jobs.stop();
    held.release();
    writeFileSync(join(dir, 'work', `${job.id}.qcow2`), 'what a killed process left');
    await open({ db, site });
    expect((await settled(job)).state).toBe('done');
    expect(images.list(ada, {})).toMatchObject([{ state: 'ready' }]);
    await expect.poll(state).toBe('running');
    expect(left()).toHaveLength(1);
  });

  it('with a cut copy is never reported as done', async () => {
    const { capture: port } = bench.site;
    const original = port.capture.bind(port);
    port.capture = async (ref, target, mode, call) => {
      await original(ref, target, mode, call);
      truncateSync(target, 40_000);
    };
    const over = await settled(capture.start(ada, vmId, input()));
    expect(over.state).toBe('failed');
    expect(left()).toEqual([]);
    expect(images.list(ada, {})).toEqual([]);
  });
});
