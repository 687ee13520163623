import { describe, expect, it, vi } from 'vitest';
import { Problem } from '../problem';
import type { Light } from './schemas';
import { allLights } from './sites';
import { admin, cloudInput, testSites } from './testing';

const down = new Problem(
  'unavailable',
  'openstack.errors.refused',
  { service: 'keystone', address: 'north' },
  { detail: 'connect ECONNREFUSED' },
);
const refuse = () => Promise.reject(down);
const never = () => new Promise<void>(() => undefined);

async function withNorth() {
  const bench = testSites();
  await bench.room.open();
  const { id } = bench.room.create(admin, cloudInput);
  await vi.waitFor(() => expect(bench.room.get(id).state).toBe('ready'));
  return { ...bench, id };
}

describe('a cloud', () => {
  it('is added, opened in the background, and shown without its secret', async () => {
    const { room, clouds, secrets, audited } = testSites();
    await room.open();
    const made = room.create(admin, cloudInput);
    expect(made).toMatchObject({ state: 'opening', name: 'North', builtIn: false, hasSecret: true });
    await vi.waitFor(() => expect(room.get(made.id).state).toBe('ready'));
    expect(room.registry.get(made.id).name).toBe('North');
    expect(room.list().map(({ name, state }) => [name, state])).toEqual([
      ['local', 'ready'],
      ['North', 'ready'],
    ]);
    expect(clouds.made.map(({ secret }) => secret)).toEqual(['open sesame']);
    expect(secrets.get(`site:${made.id}`)).toBe('open sesame');
    expect(audited.map(({ action }) => action)).toEqual(['site.create']);
    expect(JSON.stringify([room.adminList(), room.list(), audited])).not.toContain('sesame');
    expect(room.addressesOf('openstack')).toEqual([cloudInput.config.authUrl]);
    expect(room.addressesOf('edgeyard')).toEqual([]);
  });

  it('is there again after a restart', async () => {
    const first = await withNorth();
    await first.room.close();
    expect(first.clouds.made[0]?.closed).toBe(true);
    const second = testSites({ db: first.db });
    for (const [name, secret] of first.secrets) second.secrets.set(name, secret);
    await second.room.open();
    await expect(second.room.registry.opened(first.id)).resolves.toMatchObject({ name: 'North' });
  });

  it('does not share its name', async () => {
    const { room, id } = await withNorth();
    expect(() => room.create(admin, cloudInput)).toThrow('sites.errors.nameTaken');
    expect(() => room.create(admin, { ...cloudInput, name: 'local' })).toThrow('sites.errors.nameTaken');
    expect(room.update(admin, id, { name: 'North', purpose: 'sandbox' }).purpose).toBe('sandbox');
  });

  it('is changed: only what was named, and opened anew unless that is nothing to it', async () => {
    const { room, clouds, secrets, audited, id } = await withNorth();
    room.update(admin, id, { purpose: 'sandbox' });
    expect(clouds.made).toHaveLength(1);
    const changes: string[] = [];
    room.registry.onChange(({ change, site }) => void changes.push(`${change} ${site.name}`));
    room.update(admin, id, { name: 'South', config: { ...cloudInput.config, region: 'R1' } });
    await vi.waitFor(() => expect(room.get(id).state).toBe('ready'));
    expect(changes).toEqual(['removed North', 'added South']);
    expect(clouds.made.map(({ name, closed }) => [name, closed])).toEqual([
      ['North', true],
      ['South', false],
    ]);
    expect(secrets.get(`site:${id}`)).toBe('open sesame');
    expect(audited.at(-1)).toEqual({
      action: 'site.update',
      detail: { name: 'South', changed: 'name, config.region' },
    });
  });

  it('gets a new secret, which the audit log names and does not tell', async () => {
    const { room, secrets, audited, id } = await withNorth();
    room.update(admin, id, { secret: 'new words' });
    expect(secrets.get(`site:${id}`)).toBe('new words');
    expect(audited.at(-1)?.detail).toEqual({ name: 'North', changed: 'secret' });
  });

  it.each([
    [{ authUrl: 'https://elsewhere.example.org:5000/v3' }],
    [{ method: 'applicationCredential' as const }],
    [{ insecure: true }],
  ])('does not send its stored secret elsewhere: %j', async (change) => {
    const { room, clouds, id } = await withNorth();
    const config = { ...cloudInput.config, ...change };
    expect(() => room.update(admin, id, { config })).toThrow('sites.errors.secretElsewhere');
    expect(() => room.examine({ siteId: id, kind: 'openstack', config })).toThrow(
      'sites.errors.secretElsewhere',
    );
    expect(clouds.examined).toEqual([]);
    expect(room.update(admin, id, { config, secret: 'typed again' }).config).toEqual(config);
  });

  it('is switched off and on', async () => {
    const { room, clouds, id } = await withNorth();
    room.update(admin, id, { enabled: false });
    await vi.waitFor(() => expect(clouds.made[0]?.closed).toBe(true));
    expect(room.get(id).state).toBe('disabled');
    expect(() => room.registry.get(id)).toThrow('sites.errors.disabled');
    room.update(admin, id, { enabled: true });
    await vi.waitFor(() => expect(room.get(id).state).toBe('ready'));
  });

  it('is removed with its secret, but not while something is on it', async () => {
    const { room, clouds, secrets, audited, id } = await withNorth();
    const uses = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ kind: 'vm' as const, id: name, name }));
    clouds.uses.set(id, uses);
    expect(room.get(id).uses).toBe(6);
    await expect(room.remove(admin, id)).rejects.toMatchObject({
      code: 'conflict',
      key: 'sites.errors.inUse',
      params: { name: 'North', count: 6, names: 'a, b, c, d, e, …' },
    });
    clouds.uses.clear();
    await room.remove(admin, id);
    expect(clouds.made[0]?.closed).toBe(true);
    expect(secrets.size).toBe(0);
    expect(audited.at(-1)?.action).toBe('site.delete');
    expect(() => room.get(id)).toThrow('sites.errors.noSite');
    expect(() => room.registry.get(id)).toThrow('sites.errors.noSite');
  });
});

describe('a cloud that is gone for good', () => {
  const uses = [
    { kind: 'vm' as const, id: 'vm-1', name: 'web' },
    { kind: 'stack' as const, id: 'dep-1', name: 'shop' },
  ];
  const lights = (...states: [Light['light'], Light['state']][]) =>
    async function* () {
      for (const [light, state] of states) {
        yield await Promise.resolve({ light, state, ms: 1, says: 'sites.lights.login', params: {} });
      }
    };

  it.each([
    ['has no address', lights(['dns', 'failed'])],
    ['takes no connection', lights(['dns', 'ok'], ['tcp', 'failed'])],
    ['does not let us in', lights(['dns', 'ok'], ['tcp', 'ok'], ['tls', 'ok'], ['login', 'failed'])],
  ])('is forgotten with what was on it when it %s', async (_, examine) => {
    const { room, clouds, secrets, audited, id } = await withNorth();
    clouds.uses.set(id, uses);
    clouds.examine = examine;
    expect(room.uses(id)).toEqual(uses);
    expect(await room.forget(admin, id)).toEqual(uses);
    expect(clouds.uses.has(id)).toBe(false);
    expect(secrets.size).toBe(0);
    expect(audited.at(-1)).toMatchObject({
      action: 'site.forget',
      detail: { name: 'North', vms: 1, stacks: 1 },
    });
    expect(() => room.get(id)).toThrow('sites.errors.noSite');
    expect(clouds.made[0]?.closed).toBe(true);
  });

  it.each([
    ['answers', lights(['dns', 'ok'], ['tcp', 'ok'], ['tls', 'ok'], ['login', 'ok'], ['quota', 'failed'])],
    ['is only not trusted any more', lights(['dns', 'ok'], ['tcp', 'ok'], ['tls', 'failed'])],
  ])('is not, while it %s', async (_, examine) => {
    const { room, clouds, id } = await withNorth();
    clouds.uses.set(id, uses);
    clouds.examine = examine;
    await expect(room.forget(admin, id)).rejects.toMatchObject({
      code: 'conflict',
      key: 'sites.errors.stillAnswers',
    });
    expect(room.get(id).uses).toBe(uses.length);
    expect(clouds.uses.get(id)).toEqual(uses);
  });
});

describe('a cloud that cannot be opened', () => {
  it('is listed with the reason, refused for work, and tried again by itself', async () => {
    const { room, clouds, events } = testSites();
    clouds.opening.set('North', refuse);
    await room.open();
    const { id } = room.create(admin, cloudInput);
    await expect(room.registry.opened(id)).rejects.toMatchObject({
      code: 'unavailable',
      key: 'sites.errors.unavailable',
      params: { name: 'North' },
      detail: 'connect ECONNREFUSED',
    });
    const { problem, since, capabilities } = room.get(id);
    expect(problem).toMatchObject({ key: 'openstack.errors.refused' });
    expect(capabilities).toContain('console');
    expect(room.registry.list().map((site) => site.id)).toEqual(['local']);
    await vi.waitFor(() => expect(clouds.made.length).toBeGreaterThan(3));
    expect(room.get(id).since).toBe(since);

    const notices: string[] = [];
    events.subscribe((notice) => void notices.push(`${notice.topic} ${notice.id}`));
    clouds.opening.delete('North');
    await vi.waitFor(() => expect(room.registry.get(id).id).toBe(id));
    expect(room.get(id)).toMatchObject({ state: 'ready', problem: undefined });
    expect(notices).toEqual([`site ${id}`]);
    expect(clouds.made.filter(({ closed }) => !closed)).toHaveLength(1);
  });

  it('keeps neither the start nor the other sites waiting', async () => {
    const first = await withNorth();
    const second = testSites({ db: first.db });
    second.secrets.set(`site:${first.id}`, 'open sesame');
    second.clouds.opening.set('North', never);
    await second.room.open();
    expect(second.room.registry.get('local').id).toBe('local');
    expect(second.room.get(first.id).state).toBe('opening');
    expect(() => second.room.registry.get(first.id)).toThrow('sites.errors.opening');
    const stop = new AbortController();
    const waiting = second.room.registry.opened(first.id, stop.signal);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('is not asked again and again with a wrong password', async () => {
    const { room, clouds } = testSites();
    let tries = 0;
    clouds.opening.set('North', () => {
      tries += 1;
      return Promise.reject(new Problem('invalid', 'openstack.errors.wrongPassword', { user: 'ada' }));
    });
    clouds.opening.set('South', refuse);
    await room.open();
    const { id } = room.create(admin, cloudInput);
    room.create(admin, { ...cloudInput, name: 'South' });
    await vi.waitFor(() =>
      expect(clouds.made.filter(({ name }) => name === 'South').length).toBeGreaterThan(4),
    );
    expect(tries).toBe(1);
    expect(room.get(id).problem).toMatchObject({ key: 'openstack.errors.wrongPassword' });
    clouds.opening.delete('North');
    room.update(admin, id, { secret: 'right' });
    await vi.waitFor(() => expect(room.get(id).state).toBe('ready'));
  });

  it('keeps what it is when it stops answering later, and says so', async () => {
    const { room, clouds, id } = await withNorth();
    clouds.made[0]?.trouble(down);
    expect(room.get(id)).toMatchObject({ state: 'unavailable', problem: { key: down.key } });
    // What asks it now is told by the cloud's own refusal; what runs must not be cut off for one lost answer.
    expect(room.registry.get(id).id).toBe(id);
    clouds.made[0]?.trouble(undefined);
    expect(room.get(id)).toMatchObject({ state: 'ready', problem: undefined });
    expect(clouds.made).toHaveLength(1);
  });

  it('does not come back once it was removed while being opened', async () => {
    const { room, clouds } = testSites();
    let open: () => void = () => undefined;
    clouds.opening.set('North', () => new Promise<void>((resolve) => (open = resolve)));
    await room.open();
    const { id } = room.create(admin, cloudInput);
    await vi.waitFor(() => expect(clouds.made).toHaveLength(1));
    await room.remove(admin, id);
    open();
    await vi.waitFor(() => expect(clouds.made[0]?.closed).toBe(true));
    expect(room.registry.list().map((site) => site.id)).toEqual(['local']);
  });

  it('may lack its secret, after a restore say', async () => {
    const first = await withNorth();
    const second = testSites({ db: first.db });
    await second.room.open();
    await vi.waitFor(() => expect(second.room.get(first.id).state).toBe('unavailable'));
    expect(second.room.get(first.id)).toMatchObject({
      hasSecret: false,
      problem: { key: 'sites.errors.secretLost' },
    });
  });
});

describe('a built-in site', () => {
  it('is listed and cannot be changed, tried or removed', async () => {
    const { room } = testSites();
    await room.open();
    expect(room.get('local')).toMatchObject({ builtIn: true, state: 'ready', config: undefined });
    expect(() => room.update(admin, 'local', { name: 'x' })).toThrow('sites.errors.builtIn');
    expect(() => room.examineSaved('local')).toThrow('sites.errors.builtIn');
    await expect(room.remove(admin, 'local')).rejects.toMatchObject({ code: 'forbidden' });
    await expect(room.forget(admin, 'local')).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('a test of a connection', () => {
  it('uses the secret in the form, else the stored one', async () => {
    const { room, clouds, id } = await withNorth();
    const { kind, config } = cloudInput;
    await allLights(room.examine({ siteId: id, kind, config }));
    await allLights(room.examine({ siteId: id, kind, config, secret: 'typed' }));
    const lights = await allLights(room.examineSaved(id));
    expect(clouds.examined.map(({ secret }) => secret)).toEqual(['open sesame', 'typed', 'open sesame']);
    expect(lights.map(({ light }) => light)).toEqual(['dns']);
    expect(() => room.examine({ kind, config })).toThrow('sites.errors.secretMissing');
  });
});
