import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../../problem';
import { developer, operator, testDeployments } from './testing';

let at: ReturnType<typeof testDeployments>;
beforeEach(() => {
  at = testDeployments();
});
afterEach(() => at.close());

const one = (id: string) => at.room.get(developer, id);
const never = new AbortController().signal;

async function linesOf(log: AsyncIterable<string>): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of log) lines.push(line);
  return lines;
}

describe('a plan', () => {
  it('says what is made, with which secrets, what it asks for, and shows no secret', async () => {
    const plan = await at.room.planRelease(developer, { releaseId: 'web1', edgeId: 'north' });
    expect(plan).toMatchObject({
      runs: 'workload',
      creates: ['Secret/key', 'ConfigMap/of-1.0', 'Deployment/web'],
      secrets: ['key', 'edgeyard-pull'],
      defaults: 'colour: blue\n',
      reasons: [],
    });
    expect(plan.quota[0]).toMatchObject({ resource: 'cpus', asks: 1 });
    expect(plan.quota[1]).toMatchObject({ resource: 'memoryMiB', asks: 128 });
    expect(plan.template).toContain('kind: Secret');
    expect(JSON.stringify(plan)).not.toContain('hush-hush');
    const vms = await at.room.planRelease(developer, { releaseId: 'cam1', edgeId: 'cloud' });
    expect(vms).toMatchObject({
      runs: 'stack',
      creates: ['VM/front'],
      secrets: ['password'],
      template: 'text',
    });
    expect(vms.quota.map(({ resource, asks }) => [resource, asks])).toEqual([
      ['cpus', 2],
      ['memoryMiB', 512],
      ['diskGiB', 4],
    ]);
  });

  it('is refused for a release that is not at the edge, and for values where there is no chart', async () => {
    const plan = (releaseId: string, edgeId: string, values = '') =>
      at.room.planRelease(developer, { releaseId, edgeId, values });
    await expect(plan('web2', 'south')).rejects.toMatchObject({ key: 'deployments.errors.notPlaced' });
    await expect(plan('cam1', 'cloud', 'a: b')).rejects.toMatchObject({ key: 'deployments.errors.noChart' });
    await expect(plan('web1', 'nowhere')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('containers', () => {
  it('start at many edges, by digest, and go without a trace', async () => {
    const input = { releaseId: 'web1', edgeIds: ['north', 'south'], name: 'shop', parameters: {} };
    const { started, refused } = await at.room.deployRelease(operator, input, 'key');
    expect(refused).toEqual([]);
    for (const { job } of started) expect(await at.done(job)).toMatchObject({ state: 'done' });
    const again = await at.room.deployRelease(operator, input, 'key');
    expect(again.started.map(({ deployment }) => deployment.id).toSorted()).toEqual(
      started.map(({ deployment }) => deployment.id).toSorted(),
    );
    const [first] = at.room.list(developer, { siteId: 'north' });
    const id = first?.id ?? '';
    expect(JSON.stringify(at.north.controls.specOf(id)?.objects)).toContain(
      `registry.test/acme/web@${at.digest('1.0')}`,
    );
    const shown = await one(id);
    expect(shown).toMatchObject({
      state: 'ready',
      packageVersion: '1.0',
      endpoints: [{ name: 'web' }],
      revisions: [{ number: 1, version: '1.0', outcome: 'running', by: 'olga' }],
    });
    expect(shown.parts[0]).toMatchObject({ owner: 'Deployment/web', state: 'ready' });
    expect(JSON.stringify(shown)).not.toContain('hush-hush');
    expect(at.room.running({ releaseId: 'web1', siteId: 'north' })).toEqual([{ id, name: 'shop' }]);
    const lines = at.room.logs(
      developer,
      { deploymentId: id, part: shown.parts[0]?.name ?? '', container: 'web' },
      false,
      never,
    );
    expect(await linesOf(lines)).toEqual(['listening']);
    expect((await at.room.events(developer, id))[0]).toMatchObject({ status: 'Started' });

    expect(() => at.room.remove(developer, id)).toThrowError(/needsRole/);
    for (const { deployment } of started) await at.done(at.room.remove(operator, deployment.id));
    expect(at.room.list(operator, {})).toEqual([]);
    expect([at.secretsLeft(), [...at.logins]]).toEqual([[], []]);
    expect(await at.north.workloads.status(id, {})).toBeUndefined();
  });

  it('start where they can, and say why not elsewhere', async () => {
    const input = { releaseId: 'web2', edgeIds: ['north', 'south'], name: 'shop', parameters: {} };
    const { started, refused } = await at.room.deployRelease(operator, input);
    expect([started.length, refused]).toMatchObject([
      1,
      [{ edgeId: 'south', problem: { key: 'deployments.errors.notPlaced' } }],
    ]);
    const refusal = { ...input, edgeIds: ['south'] };
    await expect(at.room.deployRelease(operator, refusal)).rejects.toMatchObject({ code: 'conflict' });
    await expect(at.room.deployRelease(developer, input)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(at.room.deployRelease(operator, { ...input, name: 'Shop' })).rejects.toMatchObject({
      key: 'deployments.errors.notALabel',
    });
  });

  it('keep the words of a failure, leave nothing there, and can be tried again', async () => {
    at.north.controls.failNext(
      'deploy',
      new Problem('failed', 'workloads.errors.imagePull', {}, { detail: 'no' }),
    );
    const { id, job } = await at.deployed('web1', 'north');
    expect(job).toMatchObject({ state: 'failed' });
    expect(await one(id)).toMatchObject({
      state: 'failed',
      reason: 'no',
      revisions: [{ outcome: 'failed', problem: { key: 'workloads.errors.imagePull' } }],
    });
    expect(at.north.controls.calls).toContain(`remove ${id}`);
    expect([...at.logins]).toEqual([]);
    expect(await at.done(at.jobs.retry(job.id))).toMatchObject({ state: 'done' });
    expect(await one(id)).toMatchObject({
      state: 'ready',
      revisions: [{ outcome: 'running', problem: null }],
    });
  });

  it('are gone when the first start is cancelled', async () => {
    const held = at.north.controls.hold('deploy');
    const input = { releaseId: 'web1', edgeIds: ['north'], name: 'shop', parameters: {} };
    const { started } = await at.room.deployRelease(operator, input);
    const job = started[0]?.job ?? { id: '' };
    await vi.waitFor(() =>
      expect(at.north.controls.calls.some((call) => call.startsWith('deploy'))).toBe(true),
    );
    expect(() => at.room.remove(operator, started[0]?.deployment.id ?? '')).toThrowError(/busy/);
    at.jobs.cancel(job.id);
    held.release();
    expect(await at.done(job)).toMatchObject({ state: 'cancelled', undoError: undefined });
    expect(at.room.list(operator, {})).toEqual([]);
    expect([at.secretsLeft(), [...at.logins]]).toEqual([[], []]);
  });

  it('tell of what happens at the edge by themselves', async () => {
    const { id } = await at.deployed('web1', 'north');
    at.north.controls.breakPart(id, 'web-1', 'CrashLoopBackOff');
    await vi.waitFor(() =>
      expect(at.room.list(developer, {})[0]).toMatchObject({ state: 'notReady', reason: 'CrashLoopBackOff' }),
    );
    await at.north.workloads.remove(id, {});
    await vi.waitFor(() => expect(at.room.list(developer, {})[0]).toMatchObject({ state: 'gone' }));
  });
});

describe('an upgrade of containers', () => {
  const upgrade = { releaseId: 'web2', parameters: {}, values: 'colour: red' };

  it('changes them in place, and goes back', async () => {
    const { id } = await at.deployed('web1', 'north');
    const plan = await at.room.planUpgrade(operator, id, upgrade);
    expect([plan.before.includes('acme/web:1.0'), plan.template.includes('acme/web:2.0')]).toEqual([
      true,
      true,
    ]);
    const { job, deployment } = await at.room.upgrade(operator, id, upgrade);
    expect(deployment).toMatchObject({ state: 'changing', packageVersion: '1.0' });
    expect(at.room.running({ releaseId: 'web1', siteId: 'north' })).toHaveLength(1);
    expect(await at.done(job)).toMatchObject({ state: 'done' });
    expect(await one(id)).toMatchObject({
      state: 'ready',
      packageVersion: '2.0',
      releaseId: 'web2',
      valuesGiven: 1,
      revisions: [{ outcome: 'replaced' }, { number: 2, outcome: 'running' }],
    });
    expect(at.room.running({ releaseId: 'web1', siteId: 'north' })).toEqual([]);
    expect(at.north.controls.specOf(id)?.objects.map(({ metadata }) => metadata.name)).toEqual([
      'key',
      'of-2.0',
      'web',
    ]);
    expect([...at.logins]).toEqual([`deployment:${id}:2`]);

    const back = await at.room.rollBack(operator, id);
    expect(await at.done(back.job)).toMatchObject({ state: 'done', kind: 'deployment.roll-back' });
    expect(await one(id)).toMatchObject({
      packageVersion: '1.0',
      values: '',
      revisions: [{ outcome: 'replaced' }, { outcome: 'rolledBack' }, { number: 3, outcome: 'running' }],
    });
    expect(JSON.stringify(at.north.controls.specOf(id)?.objects)).toContain(at.digest('1.0'));
  });

  it('that fails leaves what ran, with the login it pulls by', async () => {
    const { id } = await at.deployed('web1', 'north');
    at.north.controls.failNext('deploy', new Problem('failed', 'workloads.errors.imagePull'));
    const { job } = await at.room.upgrade(operator, id, upgrade);
    expect(await at.done(job)).toMatchObject({ state: 'failed', undoError: undefined });
    const spec = at.north.controls.specOf(id);
    expect(JSON.stringify(spec?.objects)).toContain(at.digest('1.0'));
    expect(spec?.jobId).not.toBe(job.id);
    expect(await one(id)).toMatchObject({
      state: 'ready',
      packageVersion: '1.0',
      revisions: [
        { outcome: 'running' },
        { outcome: 'failed', problem: { key: 'workloads.errors.imagePull' } },
      ],
    });
    expect([...at.logins]).toEqual([`deployment:${id}:1`]);
    expect(await at.done(at.jobs.retry(job.id))).toMatchObject({ state: 'done' });
    expect(await one(id)).toMatchObject({ state: 'ready', packageVersion: '2.0' });
  });

  it('takes no release of another app, none that is not there, and nothing while one runs', async () => {
    const { id } = await at.deployed('web1', 'south');
    const to = (releaseId: string) => at.room.upgrade(operator, id, { ...upgrade, releaseId });
    await expect(to('other')).rejects.toMatchObject({ key: 'deployments.errors.otherApp' });
    await expect(to('web2')).rejects.toMatchObject({ key: 'deployments.errors.notPlaced' });
    await expect(at.room.rollBack(operator, id)).rejects.toMatchObject({
      key: 'deployments.errors.noEarlier',
    });
    const held = at.south.controls.hold('deploy');
    const { job } = await to('web1');
    await expect(to('web1')).rejects.toMatchObject({ key: 'deployments.gates.changing' });
    held.release();
    await at.done(job);
  });

  it('and what it replaces run side by side under two names', async () => {
    await at.deployed('web1', 'north');
    await at.deployed('web2', 'north', { name: 'shop-next' });
    expect(at.room.list(developer, { siteId: 'north' }).map(({ packageVersion }) => packageVersion)).toEqual(
      expect.arrayContaining(['1.0', '2.0']),
    );
    const input = { releaseId: 'web1', edgeIds: ['north'], name: 'shop', parameters: {} };
    await expect(at.room.deployRelease(operator, input)).rejects.toMatchObject({
      key: 'deployments.errors.nameTaken',
    });
  });
});

describe('VMs', () => {
  const names = () => [...at.cloud.there.values()].map(({ name }) => name);
  const upgrade = { releaseId: 'cam2', parameters: {} };

  it('are replaced by those of the new release once these are ready, with the secrets of before', async () => {
    const { id } = await at.deployed('cam1', 'cloud');
    expect(names()).toEqual(['shop']);
    const { job } = await at.room.upgrade(operator, id, upgrade);
    expect(await at.done(job)).toMatchObject({ state: 'done' });
    expect(names()).toEqual(['shop-r2']);
    expect([...at.cloud.there.values()][0]?.images.get('cam')).toBe('glance-2.0');
    expect(await one(id)).toMatchObject({ state: 'ready', packageVersion: '2.0', parameters: {} });
    expect(JSON.stringify(await one(id))).not.toContain('pass-word');
    expect(at.room.vmOf(operator, id, 'front')).toEqual({
      id: `${id}.front`,
      name: 'shop · front',
      siteId: 'cloud',
      siteRef: 'vm-of-stack-2',
      state: 'running',
    });
    expect(() => at.room.vmOf(operator, id, 'back')).toThrowError(/noVm/);
    expect(() => at.room.vmOf(developer, id, 'front')).toThrowError(/needsRole/);
    await at.done((await at.room.rollBack(operator, id)).job);
    expect(names()).toEqual(['shop-r3']);
    await at.done(at.room.remove(operator, id));
    expect([names(), at.secretsLeft()]).toEqual([[], []]);
  });

  it('tell of what happens to them by themselves, where the site does', async () => {
    const { id } = await at.deployed('cam1', 'cloud');
    const vmId = 'vm-of-stack-1';
    await at.vmSite.vms.create(
      {
        vmId,
        jobId: 'job',
        name: 'front',
        flavor: { vcpus: 1, memoryMiB: 256, diskGiB: 1 },
        imageId: 'tiny',
        network: { id: 'nat', forwards: [] },
        seed: { hostname: 'front', sshKeys: [], userData: undefined },
      },
      {},
    );
    const [stack] = at.cloud.there.values();
    Object.assign(stack ?? {}, { state: 'failed', reason: 'front died' });
    at.vmSite.controls.die(vmId, 'died');
    await vi.waitFor(() =>
      expect(at.room.list(developer, {})).toMatchObject([{ id, state: 'failed', reason: 'front died' }]),
    );
  });

  it('stay when the new ones do not come up', async () => {
    const { id } = await at.deployed('cam1', 'cloud');
    at.cloud.failNext(new Problem('failed', 'openstack.errors.serverError', {}, { detail: 'No valid host' }));
    const { job } = await at.room.upgrade(operator, id, upgrade);
    expect(await at.done(job)).toMatchObject({ state: 'failed', undoError: undefined });
    expect(names()).toEqual(['shop']);
    expect(await one(id)).toMatchObject({
      state: 'ready',
      packageVersion: '1.0',
      revisions: [{ outcome: 'running' }, { outcome: 'failed', problem: { detail: 'No valid host' } }],
    });
    await expect(
      linesOf(at.room.logs(developer, { deploymentId: id, part: 'x', container: 'y' }, false, never)),
    ).rejects.toMatchObject({ key: 'deployments.errors.noLogs' });
  });
});
