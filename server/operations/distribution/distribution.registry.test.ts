import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startRegistry, type RegistryOptions, type TestRegistry } from '@/e2e/stacks/registry';
import { copyArtifact } from '../../oci/copy-artifact';
import type { Registry } from '../../oci/oci';
import { openRegistry } from '../../oci/open-registry';
import { heldBack, pushImage, sha256, testBlob, type TestBlob } from '../../oci/testing';
import type { FakeWorkloadSite } from '../../sites/fake/fake-workloads';
import { openEdgeRegistries } from '../edges/edge-registries';
import { noPasswords } from '../edges/edge-rows';
import { memoryRegistry, operator, testDistributions, testEdge, testRelease } from './testing';

const endings: (() => Promise<void>)[] = [];
const mega = 1_000_000;

let operations: TestRegistry;
let home: Registry;
let base: TestBlob;

async function registry(options?: RegistryOptions): Promise<TestRegistry> {
  const started = await startRegistry(options);
  endings.push(started.stop);
  return started;
}

function client(url: string): Registry {
  const opened = openRegistry({ url });
  endings.push(() => opened.close());
  return opened;
}

beforeEach(async () => {
  operations = await registry();
  home = client(operations.url);
  base = testBlob(5 * mega);
});
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

/** Forgets all requests so far, also those that are answered and not yet in the access log. */
async function forget(each: TestRegistry): Promise<void> {
  await client(each.url).head('last', '1');
  await expect.poll(() => each.requests().some(({ path }) => path.includes('/last/'))).toBe(true);
  each.forget();
}

/** A release of one image: a base layer that all share, and one of its own. */
async function release(id: string, layer: number | TestBlob = mega) {
  const own = typeof layer === 'number' ? testBlob(layer) : layer;
  const image = await pushImage(home, { repository: 'operations/apps/camera', tag: id }, [base, own]);
  const size = base.size + own.size;
  return testRelease({ id, publishedAt: own.size }, [
    { repository: 'apps/camera', digest: image.digest, size },
  ]);
}

/** Edges whose registries are real, and whose machines are in memory. */
async function bench(
  releases: Awaited<ReturnType<typeof release>>[],
  options: RegistryOptions[],
  through: { progress?: (done: number) => void; source?: Registry; patienceMs?: number } = {},
) {
  const own = await Promise.all(options.map((each) => registry(each)));
  const edges = own.map(({ url }, index) =>
    testEdge({
      id: `e${index + 1}`,
      registry: { url, prefix: 'edge', hasPassword: false, hasPullPassword: false },
    }),
  );
  const registries = openEdgeRegistries({ passwords: () => noPasswords }, openRegistry);
  endings.push(() => registries.close());
  const built = testDistributions({
    edges,
    releases,
    home: memoryRegistry(),
    registries: {
      get: (id) =>
        registries.of({ siteId: id, registry: edges.find((edge) => edge.id === id)?.registry ?? null }),
    },
    ports: {
      registryPatienceMs: through.patienceMs,
      copyArtifact: (from, to, how) =>
        copyArtifact({ ...from, registry: through.source ?? from.registry }, to, {
          ...how,
          progress: (done, total) => {
            how?.progress?.(done, total);
            through.progress?.(done);
          },
        }),
      registries: {
        of: () =>
          Promise.resolve({
            role: 'operations' as const,
            registry: home,
            repository: (...path: string[]) => ['operations', ...path].join('/'),
            address: operations.address,
          }),
        pullAccess: () => Promise.reject(new Error('these edges fetch from their own registries')),
        revokePull: () => undefined,
        pullHolders: () => [],
      },
    },
  });
  endings.push(() => built.jobs.stop());
  built.jobs.run();
  const run = async (...releaseIds: string[]) => {
    const { id } = await built.room.start(operator, { releaseIds, edgeIds: edges.map((edge) => edge.id) });
    await vi.waitFor(() => expect(built.room.get(id).state).not.toBe('running'), 60_000);
    return built.room.get(id);
  };
  const site = (index: number) => built.sites[index] as FakeWorkloadSite;
  return { ...built, edges, own, run, site };
}

it('asks each edge’s registry once for what is there, and sends no blob', async () => {
  const first = await release('r1');
  const { own, run, jobs, site, room } = await bench([first], [{}, {}, {}]);
  const before = await run('r1');
  expect(before.cells.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
  const digest = first.images[0]?.digest ?? '';
  expect(site(0).controls.calls).toContain(`pull ${own[0]?.address ?? ''}/edge/apps/camera@${digest}`);
  for (const each of [operations, ...own]) await forget(each);

  const again = await run('r1');
  expect(again.cells.map(({ state, bytesMoved }) => [state, bytesMoved])).toEqual([
    ['skipped', 0],
    ['skipped', 0],
    ['skipped', 0],
  ]);
  for (const each of own) {
    await expect
      .poll(() => each.requests().map(({ method, path }) => `${method} ${path}`))
      .toEqual([`HEAD /v2/edge/apps/camera/manifests/${digest}`]);
  }
  expect(operations.requests()).toEqual([]);
  const lines = jobs.log(again.cells[0]?.jobId ?? '').map(({ line }) => line);
  expect(lines).toContainEqual({
    key: 'distribution.log.headFound',
    params: { registry: own[0]?.address ?? '', repository: 'apps/camera', digest },
  });
  expect(await room.imagesFor('r1', 'e1', 'deployment:1')).toEqual({
    images: [{ name: 'apps/camera:1', reference: `${own[0]?.address ?? ''}/edge/apps/camera@${digest}` }],
    pull: { address: own[0]?.address, plainHttp: true },
  });
});

it('moves of a new version only the layer that is new, as the plan said', async () => {
  const [first, second] = [await release('r1', mega), await release('r2', 2 * mega)];
  const { own, run, room } = await bench([first, second], [{}]);
  await run('r1');
  for (const each of own) await forget(each);
  const plan = await room.plan(operator, { releaseIds: ['r2'], edgeIds: ['e1'] });
  expect(plan.cells[0]).toMatchObject({ stand: 'older' });
  const done = await run('r2');
  const puts = (of: string) =>
    own[0]?.requests().filter(({ method, path }) => method === 'PUT' && path.includes(`/${of}/`));
  // The layer and the config, whose lines are in the log once that of their manifest is.
  await expect.poll(() => puts('manifests')).toHaveLength(1);
  expect(puts('blobs')?.map(({ status }) => status)).toEqual([201, 201]);
  const moved = done.cells[0]?.bytesMoved ?? 0;
  expect(moved).toBeGreaterThanOrEqual(2 * mega);
  expect(moved).toBeLessThan(2.01 * mega);
  expect(Math.abs((plan.cells[0]?.bytes ?? 0) - moved)).toBeLessThan(2000);
});

it('tells a full registry at its edge alone, and goes on there when there is room', async () => {
  const first = await release('r1', 20 * mega);
  const { run, room, jobs } = await bench([first], [{ diskBytes: 8 * 2 ** 20 }, {}]);
  const ended = await run('r1');
  expect(ended.cells.map(({ state, problem }) => [state, problem?.code])).toEqual([
    ['failed', 'no_space'],
    ['done', undefined],
  ]);
  expect(room.placements({}).map(({ edgeId }) => edgeId)).toEqual(['e2']);
  expect(room.failures()).toHaveLength(1);
  expect(jobs.get(ended.cells[0]?.jobId ?? '')?.error?.key).toBe('registries.errors.faults.noSpace');
});

it('goes on when an edge’s registry dies in the middle and comes back', async () => {
  const first = await release('r1', 40 * mega);
  let killed: Promise<void> | undefined;
  const progress = (done: number) => {
    if (done > 8 * mega) killed ??= own[0]?.restart();
  };
  const { own, run } = await bench([first], [{}], { progress });
  expect((await run('r1')).cells.map(({ state }) => state)).toEqual(['done']);
  await killed;
  expect(killed).toBeDefined();
});

it('waits for an edge’s registry that is down at the first request, and says so', async () => {
  const first = await release('r1');
  const { own, room, jobs } = await bench([first], [{}]);
  await own[0]?.kill();
  const { id } = await room.start(operator, { releaseIds: ['r1'], edgeIds: ['e1'] });
  const cell = () => room.get(id).cells[0];
  const address = own[0]?.address ?? '';
  const waits = { key: 'distribution.log.registryAway', params: { registry: address, seconds: 30 } };
  await vi.waitFor(() => expect(jobs.get(cell()?.jobId ?? '')?.message).toMatchObject(waits), 20_000);
  expect(cell()?.state).toBe('running');
  await own[0]?.restart();
  await vi.waitFor(() => expect(cell()?.state).toBe('done'), 60_000);
  const said = jobs.log(cell()?.jobId ?? '').map(({ line }) => (typeof line === 'string' ? line : line.key));
  expect(said.filter((key) => key.startsWith('distribution.log.registry'))).toEqual([
    'distribution.log.registryAway',
    'distribution.log.registryBack',
  ]);
});

it.each(['r1', 'r2'])('waits for one that answered before and is down when %s is sent', async (wanted) => {
  const [first, second] = [await release('r1'), await release('r2')];
  const { own, run, room, jobs } = await bench([first, second], [{}]);
  await run('r1');
  await own[0]?.kill();
  const { id } = await room.start(operator, { releaseIds: [wanted], edgeIds: ['e1'] });
  const cell = () => room.get(id).cells[0];
  const waits = { key: 'distribution.log.registryAway' };
  await vi.waitFor(() => expect(jobs.get(cell()?.jobId ?? '')?.message).toMatchObject(waits), 20_000);
  await own[0]?.restart();
  const end = wanted === 'r1' ? 'skipped' : 'done';
  await vi.waitFor(() => expect(cell()?.state).toBe(end), 60_000);
});

it('gives up an edge’s registry that stays down, with the reason', async () => {
  const first = await release('r1');
  const { own, run } = await bench([first], [{}], { patienceMs: 100 });
  await own[0]?.kill();
  const [cell] = (await run('r1')).cells;
  expect(cell).toMatchObject({
    state: 'failed',
    problem: { code: 'unavailable', key: 'registries.errors.faults.unreachable' },
  });
});

it('cancelled in the middle leaves no name, and sends the next time only what is missing', async () => {
  const layer = testBlob(40 * mega);
  const first = await release('r1', layer);
  const held = heldBack(home, 20 * mega, layer.digest);
  const { own, run, room } = await bench([first], [{}], { source: held.registry });
  const at = client(own[0]?.url ?? '');
  const { id } = await room.start(operator, { releaseIds: ['r1'], edgeIds: ['e1'] });
  await vi.waitFor(
    async () => expect(await at.hasBlob('edge/apps/camera', base.digest)).toBe(base.size),
    30_000,
  );
  room.cancel(operator, id, {});
  await vi.waitFor(() => expect(room.get(id).cells[0]?.state).toBe('cancelled'), 30_000);
  expect(await at.tags('edge/apps/camera')).toEqual([]);
  expect(room.placements({})).toEqual([]);
  held.letGo();
  const [cell] = (await run('r1')).cells;
  expect(cell?.state).toBe('done');
  // The base layer came whole the first time.
  expect(cell?.bytesKept).toBeGreaterThanOrEqual(5 * mega);
});

it('takes away from an edge’s registry what nothing else there needs', async () => {
  const first = await release('r1');
  const { own, run, room, jobs } = await bench([first], [{}]);
  await run('r1');
  const job = await jobs.settled(room.withdraw(operator, 'r1', 'e1').id);
  expect(job.state).toBe('done');
  const at = client(own[0]?.url ?? '');
  expect(
    await at.head('edge/apps/camera', first.images[0]?.digest ?? sha256(Buffer.alloc(0))),
  ).toBeUndefined();
  expect(room.placements({})).toEqual([]);
});
