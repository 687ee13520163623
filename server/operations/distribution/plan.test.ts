import { expect, it } from 'vitest';
import { Problem } from '../../problem';
import type { DiskSource } from '../../sites/disk-cache';
import { openFakeSite } from '../../sites/fake/fake-site';
import type { FakeWorkloadSite } from '../../sites/fake/fake-workloads';
import type { EdgeView } from '../edges/schemas';
import type { SyncedRelease } from '../sync/schemas';
import { memoryRegistry, operator, testDisk, testDistributions, testEdge, testRelease } from './testing';

const gibibyte = 2 ** 30;

function bench(edges: EdgeView[], make: (home: ReturnType<typeof memoryRegistry>) => SyncedRelease[]) {
  const home = memoryRegistry();
  const releases = make(home);
  const built = testDistributions({ edges, releases, home });
  const plan = (fresh = false) =>
    built.room.plan(operator, {
      releaseIds: releases.map(({ id }) => id),
      edgeIds: edges.map(({ id }) => id),
      fresh,
    });
  return { ...built, home, releases, plan, site: (index = 0) => built.sites[index] as FakeWorkloadSite };
}

it('counts what images and releases share once, and what is there not at all', async () => {
  const edge = testEdge({ id: 'e1', speed: 100 });
  const { plan, site, releases } = bench([edge], (home) => [
    testRelease({ id: 'r1' }, [home.add('web', { base: 1000, one: 50 })]),
    testRelease({ id: 'r2', name: 'Other' }, [
      home.add('web', { base: 1000, two: 70 }),
      home.add('db', { base: 1000, db: 300 }),
    ]),
  ]);
  const first = await plan();
  expect(first.cells.map(({ stand, bytes, bytesThere }) => ({ stand, bytes, bytesThere }))).toEqual([
    { stand: 'missing', bytes: 1050, bytesThere: 0 },
    { stand: 'missing', bytes: 1370, bytesThere: 0 },
  ]);
  expect(first.edges[0]).toMatchObject({ bytes: 1420, fits: true, freeBytes: null, problem: null });
  expect(first.totals).toEqual({ bytes: 1420, cells: 2, present: 0, seconds: 14.2 });

  site().controls.held.add(releases[0]?.images[0]?.digest ?? '');
  const second = await plan(true);
  expect(second.cells.map(({ stand, bytes, bytesThere }) => ({ stand, bytes, bytesThere }))).toEqual([
    { stand: 'present', bytes: 0, bytesThere: 1050 },
    { stand: 'missing', bytes: 370, bytesThere: 1000 },
  ]);
  expect(second.totals).toMatchObject({ bytes: 370, present: 1 });
});

it('asks an edge once a minute, unless told otherwise', async () => {
  const { plan, site, home } = bench([testEdge({ id: 'e1' })], (registry) => [
    testRelease({ id: 'r1' }, [registry.add('web', { base: 10 })]),
  ]);
  await Promise.all([plan(), plan()]);
  await plan();
  expect(site().controls.calls).toEqual(['held']);
  expect(home.requests).toHaveLength(1);
  await plan(true);
  expect(site().controls.calls).toEqual(['held', 'held']);
});

it('tells older from missing, and newer that is there', async () => {
  const { plan, site, releases } = bench([testEdge({ id: 'e1' })], (home) => [
    testRelease({ id: 'old', version: '1.0', publishedAt: 1 }, [home.add('web', { base: 10, a: 1 })]),
    testRelease({ id: 'mid', version: '2.0', publishedAt: 2 }, [home.add('web', { base: 10, b: 1 })]),
    testRelease({ id: 'new', version: '3.0', publishedAt: 3 }, [home.add('web', { base: 10, c: 1 })]),
  ]);
  site().controls.held.add(releases[1]?.images[0]?.digest ?? '');
  const { cells } = await plan();
  expect(cells.map(({ stand, reason }) => [stand, reason?.key, reason?.params])).toEqual([
    ['missing', 'distribution.reasons.newerThere', { version: '2.0' }],
    ['present', undefined, undefined],
    ['older', 'distribution.reasons.older', { version: '2.0' }],
  ]);
});

it('does not call missing what a cluster may have and does not list', async () => {
  const { plan, site } = bench([testEdge({ id: 'e1', name: 'Mast' })], (home) => [
    testRelease({ id: 'r1' }, [home.add('web', { base: 10 })]),
  ]);
  site().controls.setComplete(false);
  expect((await plan()).cells[0]).toMatchObject({
    stand: 'unknown',
    bytes: 10,
    reason: { key: 'distribution.reasons.listLimited', params: { edge: 'Mast' } },
  });
});

it('says why a release cannot go somewhere, and one edge that does not answer costs its own cells alone', async () => {
  const edges = [
    testEdge({ id: 'well' }),
    testEdge({ id: 'off', enabled: false }),
    testEdge({ id: 'vms', runs: 'vms' }),
    testEdge({ id: 'away' }),
  ];
  const { plan, site } = bench(edges, (home) => {
    const lacking = testRelease({ id: 'lacking' }, [home.add('web', { base: 10 })]);
    const [image] = lacking.images;
    return [
      testRelease({ id: 'r1' }, [home.add('web', { base: 10 })]),
      { ...lacking, images: image ? [{ ...image, artifact: null }] : [] },
    ];
  });
  site(3).controls.failNext('held', new Problem('unavailable', 'workloads.errors.noNodes', { at: 'away' }));
  const { cells, edges: rows } = await plan();
  expect(cells.map(({ edgeId, stand, reason }) => [edgeId, stand, reason?.key])).toEqual([
    ['well', 'missing', undefined],
    ['well', 'impossible', 'distribution.reasons.imageNotHeld'],
    ['off', 'impossible', 'distribution.reasons.disabled'],
    ['off', 'impossible', 'distribution.reasons.imageNotHeld'],
    ['vms', 'impossible', 'distribution.reasons.runsOther.vms'],
    ['vms', 'impossible', 'distribution.reasons.runsOther.vms'],
    ['away', 'impossible', 'workloads.errors.noNodes'],
    ['away', 'impossible', 'distribution.reasons.imageNotHeld'],
  ]);
  expect(rows.map(({ problem, askedAt }) => [problem?.key, askedAt === null])).toEqual([
    [undefined, false],
    ['distribution.reasons.disabled', true],
    [undefined, false],
    ['workloads.errors.noNodes', true],
  ]);
});

it('looks at the space of the fullest machine', async () => {
  const node = (name: string, freeDiskGiB: number) => ({ name, ready: true, reason: '', freeDiskGiB });
  const amount = { total: 8, used: 1 };
  const capacity = {
    cpus: amount,
    memoryMiB: amount,
    diskGiB: { total: 100, used: 0 },
    nodes: [node('a', 50), node('b', 1)],
  };
  const { plan } = bench([testEdge({ id: 'e1', capacity })], (home) => [
    testRelease({ id: 'r1' }, [home.add('web', { base: gibibyte + 1 })]),
  ]);
  expect((await plan()).edges[0]).toMatchObject({ freeBytes: gibibyte, fits: false });
});

it('takes what guests may be given at a site of VMs for no space of its images', async () => {
  const amount = { total: 1, used: 1 };
  const capacity = { cpus: amount, memoryMiB: amount, diskGiB: amount, nodes: [] };
  const { plan } = bench([testEdge({ id: 'v1', runs: 'vms', capacity })], (home) => [
    testRelease({ id: 'r1', kind: 'vm' }, [home.add('disks/router', { piece: gibibyte })]),
  ]);
  expect((await plan()).edges[0]).toMatchObject({ freeBytes: null, fits: true });
});

it('knows of disk images by what their site lacks', async () => {
  const edge = testEdge({ id: 'vms', runs: 'vms', speed: 1_000_000 });
  const { plan } = bench([edge], (home) => [
    testRelease({ id: 'r1', kind: 'vm' }, [home.add('disks/one', { a: 600_000, b: 300_000 })]),
    testRelease({ id: 'r2', kind: 'vm', name: 'Other' }, [home.add('disks/two', { a: 600_000, c: 1 })]),
  ]);
  const { cells, edges } = await plan();
  expect(cells.map(({ stand, bytes, seconds }) => [stand, bytes, seconds])).toEqual([
    ['missing', 1_000_000, 1],
    ['missing', 1_000_000, 1],
  ]);
  // This site takes whole files, which share nothing.
  expect(edges[0]?.bytes).toBe(2_000_000);
});

it('refuses releases that are not in sync', async () => {
  const { plan } = bench([testEdge({ id: 'e1' })], () => [
    testRelease({ id: 'r1', syncedAt: null, state: 'notInSync' }, []),
  ]);
  await expect(plan()).rejects.toMatchObject({ code: 'conflict', key: 'distribution.errors.notInSync' });
});

it('gives an edge that counts by itself a login for each disk, which ends with the plan', async () => {
  const edges = [testEdge({ id: 'y1', runs: 'vms' }), testEdge({ id: 'y2', runs: 'vms' })];
  const sites = edges.map(({ id, name }) => {
    const site = openFakeSite({ id, name });
    return {
      ...site,
      diskCache: {
        ...site.diskCache,
        missing: async (disk: DiskSource) => {
          await disk.pull();
          return 10;
        },
      },
    };
  });
  const home = memoryRegistry();
  const releases = ['one', 'two'].map((name) =>
    testRelease({ id: name, name, kind: 'vm' }, [home.add(name, { [name]: 100 })]),
  );
  const given: string[] = [];
  const revoked: string[] = [];
  const { room } = testDistributions({
    edges,
    releases,
    home,
    sites,
    ports: {
      diskSource: (place, words) =>
        Promise.resolve({ ...testDisk(place.digest, 1000, words.name), pull: () => words.pull() }),
      registries: {
        of: () =>
          Promise.resolve({
            role: 'operations' as const,
            registry: home.registry,
            repository: (...path: string[]) => path.join('/'),
            address: 'operations:5000',
          }),
        pullAccess: (_role, [repository = ''], holder) => {
          given.push(`${holder} ${repository}`);
          return Promise.resolve({ address: 'operations:5000', plainHttp: true });
        },
        revokePull: (holder) => void revoked.push(holder),
        pullHolders: () => [],
      },
    },
  });
  const { cells } = await room.plan(operator, {
    releaseIds: ['one', 'two'],
    edgeIds: ['y1', 'y2'],
    fresh: true,
  });
  expect(cells.map(({ bytes }) => bytes)).toEqual([10, 10, 10, 10]);
  const holders = releases.map(({ images: [image] }) => `plan:${image?.digest}`);
  expect(new Set(given)).toEqual(new Set([`${holders[0]} one`, `${holders[1]} two`]));
  expect(new Set(revoked)).toEqual(new Set(holders));
});
