import { afterEach, expect, it, vi } from 'vitest';
import { testDatabase } from '../../db/testing';
import { Problem } from '../../problem';
import type { FakeSite } from '../../sites/fake/fake-site';
import type { FakeWorkloadSite } from '../../sites/fake/fake-workloads';
import type { EdgeView } from '../edges/schemas';
import { memoryRegistry, operator, testDistributions, testEdge, testRelease } from './testing';

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

/** Two releases of containers and one of VMs. */
function bench(edges: EdgeView[], more: Partial<Parameters<typeof testDistributions>[0]> = {}) {
  const home = more.home ?? memoryRegistry();
  const web = home.add('web', { base: 1000, web: 50 });
  const releases = [
    testRelease({ id: 'r1' }, [web]),
    testRelease({ id: 'r2', version: '2.0', publishedAt: 2000 }, [home.add('web', { base: 1000, more: 60 })]),
    testRelease({ id: 'vm', name: 'Router', kind: 'vm' }, [home.add('disks/router', { piece: 900_000 })]),
  ];
  const built = testDistributions({ edges, releases, home, ...more });
  endings.push(() => built.jobs.stop());
  const states = (id: string) =>
    Object.fromEntries(
      built.room.get(id).cells.map((cell) => [`${cell.releaseId} ${cell.edgeId}`, cell.state]),
    );
  const over = (id: string) => vi.waitFor(() => expect(built.room.get(id).state).not.toBe('running'), 5000);
  const site = (id: string) => built.sites.find((each) => each.id === id) as FakeWorkloadSite;
  const pulls = (id: string) => site(id).controls.calls.filter((call) => call.startsWith('pull'));
  return { ...built, home, web, releases, states, over, site, pulls };
}

it('brings releases to the edges that run them, proves it, and moves nothing the second time', async () => {
  const edges = [
    testEdge({ id: 'e1' }),
    testEdge({ id: 'e2', kind: 'docker' }),
    testEdge({ id: 'v1', runs: 'vms' }),
  ];
  const { room, jobs, over, states, pulls, home, web, measured, revoked, logins } = bench(edges);
  jobs.run();
  const wish = { releaseIds: ['r1', 'vm'], edgeIds: ['e1', 'e2', 'v1'] };
  const { id } = await room.start(operator, wish, 'key');
  expect((await room.start(operator, wish, 'key')).id).toBe(id);
  await over(id);
  expect(states(id)).toEqual({ 'r1 e1': 'done', 'r1 e2': 'done', 'vm v1': 'done' });
  expect(pulls('e1')).toEqual([`pull operations:5000/web@${web.digest}`]);
  const [cell] = room.get(id).cells;
  expect(cell).toMatchObject({ bytesMoved: 1050, bytesKept: 0, done: 1050, total: 1050, problem: null });
  expect(measured).toContainEqual({ id: 'e1', bytes: 1050 });
  expect(revoked).toContain(`distribution:${cell?.jobId}`);
  expect(logins).toEqual(new Set());
  expect(room.placements({ edgeId: 'e1' })).toEqual([
    expect.objectContaining({
      releaseId: 'r1',
      images: [{ name: 'web:1', digest: web.digest, siteImageId: null }],
      behind: true,
    }),
  ]);
  const [router] = room.placements({ releaseId: 'vm' });
  expect(router?.images[0]?.siteImageId).toMatch(/^disk-/);

  const asked = home.requests.length;
  const again = await room.start(operator, wish);
  await over(again.id);
  expect(states(again.id)).toEqual({ 'r1 e1': 'skipped', 'r1 e2': 'skipped', 'vm v1': 'skipped' });
  expect(home.requests).toHaveLength(asked);
  expect(pulls('e1')).toHaveLength(1);
  const skipped = room.get(again.id).cells[0];
  expect(skipped).toMatchObject({ bytesMoved: 0, bytesKept: 1050 });
  const lines = jobs.log(skipped?.jobId ?? '').map(({ line }) => line);
  expect(lines).toContainEqual({
    key: 'distribution.log.there',
    params: { image: 'web:1', digest: web.digest, edge: 'e1' },
  });
  expect(room.list()[0]).toMatchObject({ id: again.id, state: 'done', counts: { skipped: 3, done: 0 } });
});

it('does not send again what an edge has proved and does not list yet', async () => {
  const { room, jobs, over, states, site, pulls } = bench([testEdge({ id: 'e1' })]);
  site('e1').controls.listLate(60_000);
  jobs.run();
  const wish = { releaseIds: ['r1'], edgeIds: ['e1'] };
  await over((await room.start(operator, wish)).id);
  expect((await room.plan(operator, wish)).cells[0]?.stand).toBe('present');
  const again = await room.start(operator, wish);
  await over(again.id);
  expect(states(again.id)).toEqual({ 'r1 e1': 'skipped' });
  expect(pulls('e1')).toHaveLength(1);
});

it('lets no broken or slow edge hold up another', async () => {
  const edges = ['slow', 'broken', 'well'].map((id) => testEdge({ id }));
  const { room, jobs, over, states, site } = bench(edges);
  const hold = site('slow').controls.hold('pull');
  site('broken').controls.failNext(
    'pull',
    new Problem('failed', 'workloads.errors.imagePull', { image: 'web' }),
  );
  jobs.run();
  const { id } = await room.start(operator, {
    releaseIds: ['r1', 'r2'],
    edgeIds: ['slow', 'broken', 'well'],
  });
  await vi.waitFor(() =>
    expect(states(id)).toEqual({
      'r1 slow': 'running',
      'r2 slow': 'waiting',
      'r1 broken': 'failed',
      'r2 broken': 'done',
      'r1 well': 'done',
      'r2 well': 'done',
    }),
  );
  expect(room.get(id).cells.find(({ state }) => state === 'failed')?.problem?.key).toBe(
    'workloads.errors.imagePull',
  );
  expect(room.failures()).toEqual([
    expect.objectContaining({ distributionId: id, releaseId: 'r1', edgeId: 'broken' }),
  ]);
  hold.release();
  await over(id);
  expect(room.get(id).state).toBe('failed');
  const [job] = room.retry(operator, id, { edgeIds: ['broken'] });
  expect(job?.attempt).toBe(2);
  await over(id);
  expect(room.get(id).state).toBe('done');
  expect(room.failures()).toEqual([]);
  expect(() => room.retry(operator, id, {})).toThrow(expect.objectContaining({ code: 'conflict' }) as Error);
});

it('cancels what waits and what runs, and takes it up again', async () => {
  const { room, jobs, over, states, site, pulls } = bench([testEdge({ id: 'e1' })]);
  const hold = site('e1').controls.hold('pull');
  jobs.run();
  const { id } = await room.start(operator, { releaseIds: ['r1', 'r2'], edgeIds: ['e1'] });
  await vi.waitFor(() => expect(pulls('e1')).toHaveLength(1));
  room.cancel(operator, id, {});
  await over(id);
  expect(states(id)).toEqual({ 'r1 e1': 'cancelled', 'r2 e1': 'cancelled' });
  expect(room.get(id).state).toBe('cancelled');
  hold.release();
  room.retry(operator, id, { releaseIds: ['r2'] });
  await over(id);
  expect(states(id)).toEqual({ 'r1 e1': 'cancelled', 'r2 e1': 'done' });
  expect(room.placements({}).map(({ releaseId }) => releaseId)).toEqual(['r2']);
});

it('goes on after the server was stopped in the middle', async () => {
  const db = testDatabase();
  const edges = [testEdge({ id: 'e1' })];
  const before = bench(edges, { db });
  before.site('e1').controls.hold('pull');
  before.jobs.run();
  const { id } = await before.room.start(operator, { releaseIds: ['r1', 'r2'], edgeIds: ['e1'] });
  await vi.waitFor(() => expect(before.pulls('e1')).toHaveLength(1));
  await before.jobs.stop();
  expect(before.states(id)).toEqual({ 'r1 e1': 'running', 'r2 e1': 'waiting' });

  const after = bench(edges, { db, home: before.home });
  after.room.open();
  after.jobs.run();
  await after.over(id);
  expect(after.states(id)).toEqual({ 'r1 e1': 'done', 'r2 e1': 'done' });
  expect(after.pulls('e1')).toHaveLength(2);
});

it('gives each job a login of its own, so that the end of an old one takes no other’s', async () => {
  const { room, jobs, over, site, pulls, logins } = bench([testEdge({ id: 'e1' })]);
  const { controls } = site('e1');
  controls.failNext('pull', new Problem('failed', 'workloads.errors.imagePull', { image: 'web' }));
  jobs.run();
  const old = await room.start(operator, { releaseIds: ['r1'], edgeIds: ['e1'] });
  await over(old.id);
  const hold = controls.hold('pull');
  const { id } = await room.start(operator, { releaseIds: ['r2'], edgeIds: ['e1'] });
  await vi.waitFor(() => expect(pulls('e1')).toHaveLength(2));
  const oldJob = room.get(old.id).cells[0]?.jobId ?? '';
  jobs.retry(oldJob);
  await vi.waitFor(() => expect(pulls('e1')).toHaveLength(3));
  expect(logins.size).toBe(2);
  jobs.cancel(oldJob);
  await jobs.settled(oldJob);
  expect([...logins]).toEqual([`distribution:${room.get(id).cells[0]?.jobId}`]);
  hold.release();
  await over(id);
  expect(logins.size).toBe(0);
});

it('takes back at the start the logins that a killed process left', async () => {
  const { room, jobs, over, logins } = bench([testEdge({ id: 'e1' })]);
  const queued = await room.start(operator, { releaseIds: ['r1'], edgeIds: ['e1'] });
  const goesOn = `distribution:${queued.cells[0]?.jobId}`;
  const left = ['plan:sha256:1', 'distribution:job_pruned', goesOn, 'deployment:dep_1:1'];
  for (const holder of left) logins.add(holder);
  room.open();
  expect([...logins]).toEqual([goesOn, 'deployment:dep_1:1']);
  jobs.run();
  await over(queued.id);
  logins.add(goesOn);
  room.open();
  expect([...logins]).toEqual(['deployment:dep_1:1']);
});

it('takes a release away, unless it runs there or another needs what it is made of', async () => {
  const edges = [testEdge({ id: 'v1', runs: 'vms' }), testEdge({ id: 'e1' })];
  const { room, jobs, over, running, sites } = bench(edges);
  jobs.run();
  const { id } = await room.start(operator, { releaseIds: ['vm', 'r1'], edgeIds: ['v1', 'e1'] });
  await over(id);
  running.push({ id: 'dep_1', name: 'router-1' });
  expect(() => room.withdraw(operator, 'vm', 'v1')).toThrow(
    expect.objectContaining({
      key: 'distribution.errors.runsThere',
      params: { name: 'router-1', edge: 'v1' },
    }) as Error,
  );
  running.length = 0;
  await jobs.settled(room.withdraw(operator, 'vm', 'v1').id);
  expect((sites[0] as FakeSite).controls.calls.some((call) => call.startsWith('dropDisk'))).toBe(true);
  expect(room.placements({}).map(({ edgeId }) => edgeId)).toEqual(['e1']);
  expect(() => room.withdraw(operator, 'vm', 'v1')).toThrow(
    expect.objectContaining({ code: 'not_found' }) as Error,
  );
});

it('leaves what a release that is on its way counts on', async () => {
  const { room, jobs, over, releases, sites } = bench([testEdge({ id: 'v1', runs: 'vms' })]);
  const { controls } = sites[0] as FakeSite;
  const [, , router] = releases;
  if (!router) throw new Error('no release');
  releases.push({ ...router, id: 'vm2', version: '2.0', publishedAt: 2000 });
  jobs.run();
  await over((await room.start(operator, { releaseIds: ['vm'], edgeIds: ['v1'] })).id);
  const held = controls.hold('heldDisks');
  const { id } = await room.start(operator, { releaseIds: ['vm2'], edgeIds: ['v1'] });
  await vi.waitFor(() => expect(room.get(id).cells[0]?.state).toBe('running'));
  const taken = await jobs.settled(room.withdraw(operator, 'vm', 'v1').id);
  expect(taken.state).toBe('done');
  expect(controls.calls.some((call) => call.startsWith('dropDisk'))).toBe(false);
  held.release();
  await over(id);
  expect(room.placements({}).map(({ releaseId }) => releaseId)).toEqual(['vm2']);
});

it('brings nothing while something is taken away, and then anew', async () => {
  const { room, jobs, over, sites } = bench([testEdge({ id: 'v1', runs: 'vms' })]);
  const { controls } = sites[0] as FakeSite;
  jobs.run();
  const wish = { releaseIds: ['vm'], edgeIds: ['v1'] };
  await over((await room.start(operator, wish)).id);
  const held = controls.hold('dropDisk');
  const { id: withdrawal } = room.withdraw(operator, 'vm', 'v1');
  await vi.waitFor(() => expect(controls.calls.some((call) => call.startsWith('dropDisk'))).toBe(true));
  const { id } = await room.start(operator, wish);
  const log = () => jobs.log(room.get(id).cells[0]?.jobId ?? '').map(({ line }) => line);
  const waits = { key: 'distribution.log.awaitsWithdrawal', params: { edge: 'v1' } };
  await vi.waitFor(() => expect(log()).toContainEqual(waits));
  held.release();
  expect((await jobs.settled(withdrawal)).state).toBe('done');
  await over(id);
  expect(room.get(id).cells[0]?.state).toBe('done');
  expect(room.placements({})).toHaveLength(1);
});

it('tells that a release is there when a later failure of it was set aside', async () => {
  const { room, jobs, over, site } = bench([testEdge({ id: 'e1' })]);
  jobs.run();
  const wish = { releaseIds: ['r1'], edgeIds: ['e1'] };
  await over((await room.start(operator, wish)).id);
  site('e1').controls.failNext('held', new Problem('unavailable', 'workloads.errors.noNodes'));
  const { id } = await room.start(operator, wish);
  await over(id);
  expect(room.standings('r1')).toMatchObject([{ edgeId: 'e1', state: 'failed', distributionId: id }]);
  room.dismiss(operator, id, {});
  expect(room.standings('r1')).toMatchObject([{ edgeId: 'e1', state: 'there' }]);
});

it('names images as the edge fetches them, and refuses before they are there', async () => {
  const { room, jobs, over, web } = bench([testEdge({ id: 'e1' })]);
  await expect(room.imagesFor('r1', 'e1', 'deployment:1')).rejects.toMatchObject({
    key: 'distribution.errors.notAtEdge',
  });
  jobs.run();
  await over((await room.start(operator, { releaseIds: ['r1'], edgeIds: ['e1'] })).id);
  expect(await room.imagesFor('r1', 'e1', 'deployment:1')).toEqual({
    images: [{ name: 'web:1', reference: `operations:5000/web@${web.digest}` }],
    pull: { address: 'operations:5000', plainHttp: true },
  });
});

it('starts nothing where nothing fits', async () => {
  const { room } = bench([testEdge({ id: 'v1', runs: 'vms' })]);
  await expect(room.start(operator, { releaseIds: ['r1'], edgeIds: ['v1'] })).rejects.toMatchObject({
    key: 'distribution.errors.nothingFits',
  });
  expect(room.list()).toEqual([]);
});

it('takes nothing away that is on its way there', async () => {
  const { room, jobs, over, site } = bench([testEdge({ id: 'e1' })]);
  jobs.run();
  const wish = { releaseIds: ['r1'], edgeIds: ['e1'] };
  await over((await room.start(operator, wish)).id);
  const hold = site('e1').controls.hold('held');
  const { id } = await room.start(operator, wish);
  const refused = () => room.withdraw(operator, 'r1', 'e1');
  expect(refused).toThrow(
    expect.objectContaining({
      key: 'distribution.errors.onItsWay',
      params: { name: 'Camera', version: '1.0', edge: 'e1' },
    }) as Error,
  );
  room.cancel(operator, id, {});
  hold.release();
  await over(id);
  expect((await jobs.settled(refused().id)).state).toBe('done');
});
