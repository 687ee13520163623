import { afterEach, describe, expect, it, vi } from 'vitest';
import type { UserActor } from '../../access/actor';
import { Problem } from '../../problem';
import { admin, cloudInput } from '../../sites/testing';
import { testEdges } from './testing';

const operator: UserActor = { ...admin, userId: 'user-op', name: 'op', role: 'operator' };
const registry = { url: 'https://edge.example.org:5000', prefix: 'apps', user: 'push', password: 'sesame' };

let open: ReturnType<typeof testEdges> | undefined;
const bench = (...args: Parameters<typeof testEdges>) => (open = testEdges(...args));
afterEach(async () => {
  await open?.edges.close();
  await open?.sites.room.close();
  open = undefined;
});

describe('the list', () => {
  it('holds the sites of purpose edge by name, and nothing is known of a new one', async () => {
    const { edges, sites, addCluster } = bench();
    await addCluster('Pier');
    await addCluster('Harbour');
    sites.room.create(admin, { ...cloudInput, name: 'Sandbox', purpose: 'sandbox' });
    expect(edges.list().map(({ name }) => name)).toEqual(['Harbour', 'Pier']);
    expect(edges.list()[0]).toMatchObject({
      kind: 'kubernetes',
      runs: 'containers',
      enabled: true,
      labels: {},
      place: null,
      registry: null,
      speed: null,
    });
    expect(() => edges.get('local')).toThrow(
      new Problem('not_found', 'edges.errors.noEdge', { id: 'local' }),
    );
  });

  it('asks no site, also for 200 edges, and reads its rows once', async () => {
    const { edges, db, addCluster, clusters } = bench();
    for (let number = 0; number < 200; number += 1) await addCluster(`edge-${number}`);
    await vi.waitFor(() => expect(edges.list().every(({ health }) => health.state === 'well')).toBe(true));
    const asked = () => [...clusters.values()].reduce((sum, { controls }) => sum + controls.calls.length, 0);
    const before = asked();
    const prepared = vi.spyOn(db.$client, 'prepare');
    expect(edges.list()).toHaveLength(200);
    expect(asked()).toBe(before);
    // One for the sites, one for the edges.
    expect(prepared.mock.calls.length).toBeLessThanOrEqual(2);
  });
});

describe('health', () => {
  it('tells what the edge has', async () => {
    const { edges, addCluster, changed } = bench();
    const { id } = await addCluster('Pier');
    const { health, capacity } = await edges.check(id);
    expect(health).toMatchObject({ state: 'well', problem: null });
    expect(health.checkedAt).toBeGreaterThan(0);
    expect(capacity).toEqual({
      cpus: { total: 4, used: 2 },
      memoryMiB: { total: 8192, used: 4096 },
      diskGiB: { total: 100, used: 50 },
      nodes: [{ name: 'node-1', ready: true, reason: '', freeDiskGiB: 50 }],
    });
    expect(changed).toContain(id);
  });

  it('tells the capacity of a cloud', async () => {
    const { edges, sites } = bench();
    const { id } = sites.room.create(admin, cloudInput);
    await sites.room.registry.opened(id);
    expect((await edges.check(id)).capacity).toMatchObject({ nodes: [], diskGiB: { used: 0 } });
  });

  it('keeps the reason and the time when it is not well, and what was last known of it', async () => {
    let now = 1000;
    const { edges, addCluster } = bench({ now: () => now });
    const { id, controls } = await addCluster('Pier');
    expect((await edges.check(id)).capacityAt).toBe(1000);
    now = 2000;
    controls.failNext('capacity', new Problem('unavailable', 'workloads.errors.refused', { at: 'x' }));
    const ill = await edges.check(id);
    expect(ill.health).toMatchObject({ state: 'unwell', since: 2000, checkedAt: 2000 });
    expect(ill.health.problem).toMatchObject({ key: 'workloads.errors.refused' });
    expect(ill.capacity?.cpus.total).toBe(4);
    expect(ill.capacityAt).toBe(1000);
    now = 3000;
    expect((await edges.check(id)).health).toMatchObject({ state: 'well', problem: null, since: 3000 });
  });

  it('names machines that are not ready, and counts them for nothing', async () => {
    const { edges, addCluster } = bench();
    const { id, controls } = await addCluster('Pier');
    const [node] = controls.nodes;
    if (node) controls.nodes.push({ ...node, name: 'node-2', ready: false, reason: 'KubeletNotReady' });
    const { health, capacity } = await edges.check(id);
    expect(health.problem).toEqual({
      code: 'unavailable',
      key: 'edges.health.someNodes',
      params: { count: 1, all: 2, names: 'node-2' },
      detail: 'KubeletNotReady',
    });
    expect(capacity?.cpus.total).toBe(4);
    Object.assign(controls.nodes[0] ?? {}, { ready: false });
    expect((await edges.check(id)).health.problem?.key).toBe('edges.health.noNode');
  });

  it('waits no longer than it may for an edge that is silent, and for no other because of it', async () => {
    const { edges, addCluster } = bench({ limitMs: 50 });
    const silent = await addCluster('Silent');
    const other = await addCluster('Other');
    await edges.check(silent.id);
    const { release } = silent.controls.hold('capacity');
    const [ill, well] = await Promise.all([edges.check(silent.id), edges.check(other.id)]);
    expect(ill.health).toMatchObject({ state: 'unwell', problem: { key: 'edges.health.tooSlow' } });
    expect(well.health.state).toBe('well');
    release();
  });

  it('follows the site: one that cannot be opened is unwell with the reason, a disabled one unknown', async () => {
    const { edges, sites } = bench();
    sites.clouds.opening.set('North', () =>
      Promise.reject(new Problem('forbidden', 'workloads.errors.clusterLogin', {})),
    );
    const { id } = sites.room.create(admin, cloudInput);
    await vi.waitFor(() =>
      expect(edges.get(id).health).toMatchObject({
        state: 'unwell',
        problem: { key: 'workloads.errors.clusterLogin' },
      }),
    );
    sites.room.update(admin, id, { enabled: false });
    await vi.waitFor(() =>
      expect(edges.get(id)).toMatchObject({ enabled: false, health: { state: 'unknown' } }),
    );
  });

  it('is asked again and again in the background', async () => {
    const { edges, addCluster, changed } = bench({ everyMs: 10 });
    const { id, controls } = await addCluster('Pier');
    await edges.check(id);
    changed.length = 0;
    edges.open();
    await vi.waitFor(() =>
      expect(controls.calls.filter((call) => call === 'capacity').length).toBeGreaterThan(3),
    );
    // Nothing is new of the edge itself.
    expect(new Set(changed)).toEqual(new Set(['all']));
  });
});

describe('what operations say of an edge', () => {
  it('is kept, and told in the audit log', async () => {
    const { edges, addCluster, audited } = bench();
    const { id } = await addCluster('Pier');
    const place = { address: 'Pier 4', latitude: 53.5, longitude: 9.9 };
    const said = edges.update(operator, id, { labels: { region: 'north' }, place });
    expect(said).toMatchObject({ labels: { region: 'north' }, place });
    expect(edges.update(operator, id, { place: null })).toMatchObject({
      labels: { region: 'north' },
      place: null,
    });
    expect(audited.at(0)).toEqual({
      action: 'edge.update',
      detail: { name: 'Pier', changed: 'labels, place' },
    });
  });

  it('goes with the site', async () => {
    const { edges, addCluster, sites, sealed, registries } = bench();
    const { id } = await addCluster('Pier');
    edges.update(admin, id, { registry });
    await edges.registryOf(id);
    await sites.room.remove(admin, id);
    expect(edges.list()).toEqual([]);
    expect(sealed.size).toBe(0);
    await edges.close();
    expect(registries.every(({ closed }) => closed)).toBe(true);
  });

  it('remembers the speed of what was big enough to tell it', async () => {
    const { edges, addCluster } = bench();
    const { id } = await addCluster('Pier');
    edges.measured(id, 500, 1);
    expect(edges.get(id).speed).toBeNull();
    edges.measured(id, 50_000_000, 2_000);
    expect(edges.get(id).speed).toBe(25_000_000);
  });
});

describe('the registry of an edge', () => {
  it('is set by administrators only, and never gives its passwords back', async () => {
    const { edges, addCluster, sealed } = bench();
    const { id } = await addCluster('Pier');
    expect(() => edges.update(operator, id, { registry })).toThrow('access.errors.needsRole');
    edges.update(admin, id, { registry: { ...registry, pullUser: 'pull', pullPassword: 'pull sesame' } });
    expect(edges.registryUrls()).toEqual([registry.url]);
    const { registry: shown } = edges.get(id);
    expect(shown).toEqual({
      url: registry.url,
      prefix: 'apps',
      user: 'push',
      pullUser: 'pull',
      hasPassword: true,
      hasPullPassword: true,
    });
    expect(JSON.stringify(edges.list())).not.toContain('sesame');
    expect(sealed.get(`edge:${id}:push`)).toBe('sesame');
  });

  it('is opened with its login, and told to the edge with the one that may only pull', async () => {
    const { edges, addCluster, registries } = bench();
    const { id } = await addCluster('Pier');
    expect(await edges.registryOf(id)).toBeUndefined();
    edges.update(admin, id, { registry: { ...registry, pullUser: 'pull', pullPassword: 'p' } });
    const found = await edges.registryOf(id);
    expect(found?.repository('shop', 'web')).toBe('apps/shop/web');
    expect(found?.pull).toEqual({
      address: 'edge.example.org:5000',
      plainHttp: false,
      ca: undefined,
      login: { user: 'pull', password: 'p' },
    });
    expect(registries.at(-1)?.access.login).toEqual({ user: 'push', password: 'sesame' });
    expect((await edges.registryOf(id))?.registry).toBe(found?.registry);
  });

  it('says why it cannot be used, and the edge is not well then', async () => {
    const { edges, addCluster, down } = bench();
    const { id } = await addCluster('Pier');
    down.add(registry.url);
    edges.update(admin, id, { registry });
    const key = 'registries.errors.faults.unreachable';
    await expect(edges.registryOf(id)).rejects.toMatchObject({ code: 'unavailable', key });
    expect((await edges.check(id)).health).toMatchObject({ state: 'unwell', problem: { key } });
    down.clear();
    expect((await edges.check(id)).health.state).toBe('well');
    expect(await edges.registryOf(id)).toBeDefined();
  });

  it('keeps its password for the same address and user, and for no other', async () => {
    const { edges, addCluster, sealed } = bench();
    const { id } = await addCluster('Pier');
    const { password: _password, ...again } = registry;
    expect(() => edges.update(admin, id, { registry: again })).toThrow('registries.errors.passwordMissing');
    edges.update(admin, id, { registry });
    edges.update(admin, id, { registry: { ...again, prefix: 'other' } });
    expect(sealed.get(`edge:${id}:push`)).toBe('sesame');
    for (const change of [
      { url: 'https://evil.example.org' },
      { url: 'http://edge.example.org:5000' },
      { user: 'eve' },
    ]) {
      expect(() => edges.update(admin, id, { registry: { ...again, ...change } })).toThrow(
        'registries.errors.passwordMissing',
      );
    }
    edges.update(admin, id, { registry: null });
    expect(sealed.has(`edge:${id}:push`)).toBe(false);
    expect(edges.get(id).registry).toBeNull();
  });
});
