import { describe, expect, it } from 'vitest';
import { createStore, type StoreView } from '@/server/operations/sync/schemas';
import { createOf, emptyStoreForm, storeForm, storeFormOf, updateOf, type StoreForm } from './store-form';

const fresh: StoreForm = { ...emptyStoreForm, name: 'North', url: 'https://store.example' };
const broken = (form: object) =>
  storeForm.safeParse({ ...fresh, ...form }).error?.issues.map(({ path }) => path.join('.')) ?? [];

const view: StoreView = {
  id: 'store_1',
  kind: 'edgeyard',
  name: 'North',
  url: 'https://store.example',
  registry: undefined,
  registryUser: 'puller',
  hasToken: true,
  hasRegistryPassword: true,
  rules: [{ provider: 'Acme', name: '*', newestOnly: true }],
  everyMinutes: 60,
  readAt: null,
  problem: null,
  counts: { new: 0, changed: 0, inStep: 0, withdrawn: 0 },
};

describe('the form of a store', () => {
  it('makes what the server takes', () => {
    const made = createOf({
      ...fresh,
      token: 't',
      rules: [{ provider: '', name: 'Cam*', kind: 'vm', newestOnly: false }],
    });
    expect(createStore.parse(made)).toEqual({
      kind: 'edgeyard',
      name: 'North',
      url: 'https://store.example',
      token: 't',
      rules: [{ provider: '*', name: 'Cam*', kind: 'vm', newestOnly: false }],
      everyMinutes: 60,
    });
  });

  it('wants a name, an address, and a password for a user', () => {
    expect(broken({ name: '', url: 'store' })).toEqual(['name', 'url']);
    // An address is shown and written down; a login in it would be no secret.
    expect(broken({ url: 'https://me:secret@store.example' })).toEqual(['url']);
    expect(broken({ registryUser: 'x' })).toEqual(['registryPassword']);
    expect(broken({ registryPassword: 'x' })).toEqual(['registryUser']);
    expect(broken({ images: 'registry', registryUrl: 'host/path' })).toEqual(['registryUrl']);
    expect(broken({ ca: 'nonsense' })).toEqual(['ca']);
    expect(broken({ signers: 'nonsense' })).toEqual(['signers']);
    const long = storeForm.safeParse({ ...fresh, signers: 'x'.repeat(100_001) }).error?.issues ?? [];
    expect(long.map(({ message }) => message)).toContain('sync.errors.badSigners');
    // The own store has rules and a schedule only.
    expect(broken({ kind: 'own', name: '', url: '' })).toEqual([]);
  });

  it('leaves secrets alone while they belong to the same address', () => {
    const same = updateOf({ ...storeFormOf(view), name: 'South' });
    expect(same).toMatchObject({ name: 'South', registry: null, registryUser: 'puller' });
    expect(same).not.toHaveProperty('token');
    expect(same).not.toHaveProperty('registryPassword');
  });

  it('takes secrets away that would go to another address', () => {
    const moved = { ...storeFormOf(view), url: 'https://other.example', registryUser: '' };
    expect(updateOf(moved)).toMatchObject({ token: '', registryPassword: '', registryUser: null });
    expect(broken({ ...moved, registryUser: 'puller' })).toEqual(['registryPassword']);
  });

  it('names whose signature a package must have, and nobody when it is emptied', () => {
    const signers = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
    expect(createStore.parse(createOf({ ...fresh, signers }))).toMatchObject({ signers });
    expect(createStore.safeParse({ ...createOf(fresh), signers: 'nobody' }).success).toBe(false);
    const named = storeFormOf({ ...view, signers });
    expect(updateOf(named)).toMatchObject({ signers });
    expect(updateOf({ ...named, signers: ' ' })).toMatchObject({ signers: null });
  });

  it('changes of the own store what can be changed', () => {
    expect(updateOf(storeFormOf({ ...view, kind: 'own', url: null, everyMinutes: null }))).toEqual({
      rules: [{ provider: 'Acme', name: '*', newestOnly: true }],
      everyMinutes: null,
    });
  });
});
