import { describe, expect, it } from 'vitest';
import {
  examinationOf,
  formOf,
  keepsPassword,
  leadsElsewhere,
  registryForm,
  settingOf,
  type RegistryForm,
} from './registry-form';

const config = { url: 'https://registry.example:5000', prefix: 'team', user: 'yard' };
const stored = formOf({ kind: 'external', config, hasSecret: true });
const fresh: RegistryForm = {
  ...formOf({ kind: 'bundled', config: undefined, hasSecret: false }),
  kind: 'external',
  url: 'https://registry.example:5000',
  user: 'yard',
};

const broken = (form: RegistryForm) =>
  registryForm.safeParse(form).error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? [];

describe('the form of a registry', () => {
  it('wants nothing of the one that comes with Edgeyard', () => {
    expect(broken({ ...fresh, kind: 'bundled', url: 'nonsense' })).toEqual([]);
  });

  it('wants an address, a user and a password of an external one', () => {
    expect(broken({ ...fresh, url: 'registry.example/path', user: '' })).toEqual([
      'url registries.errors.badAddress',
      'user adminRegistries.rules.user',
      'password adminRegistries.rules.password',
    ]);
    expect(broken({ ...fresh, login: 'none', user: '' })).toEqual([]);
  });

  it('wants a password of the user for sites, and sends both only together', () => {
    const pulls = { ...fresh, password: 'x', pullUser: 'puller' };
    expect(broken(pulls)).toEqual(['pullPassword adminRegistries.rules.password']);
    expect(settingOf({ ...pulls, pullPassword: 'y' })).toMatchObject({
      config: { user: 'yard', pullUser: 'puller' },
      pullPassword: 'y',
    });
    expect(settingOf({ ...fresh, pullPassword: 'y' })).not.toHaveProperty('pullPassword');
    const again = formOf({
      kind: 'external',
      config: { ...config, pullUser: 'puller' },
      hasSecret: true,
    });
    expect(broken(again)).toEqual([]);
    expect(broken({ ...again, url: 'https://elsewhere.example', password: 'x' })).toEqual([
      'pullPassword adminRegistries.rules.password',
    ]);
  });

  it('refuses names no registry takes, and certificates that are none', () => {
    expect(broken({ ...fresh, password: 'x', prefix: 'Team/', ca: 'no certificate' })).toEqual([
      'prefix registries.errors.badName',
      'ca registries.errors.badCa',
    ]);
  });

  it('keeps a stored password for its address and user only', () => {
    expect(broken(stored)).toEqual([]);
    expect(settingOf(stored)).toEqual({ kind: 'external', config, move: true });
    expect(keepsPassword({ ...stored, user: 'other' })).toBe(false);
    expect(broken({ ...stored, url: 'https://elsewhere.example' })).toEqual([
      'password adminRegistries.rules.password',
    ]);
  });

  it('sends no user and no password where nobody signs in', () => {
    const open: RegistryForm = { ...stored, login: 'none', password: 'typed before' };
    expect(examinationOf('store', open)).toEqual({
      role: 'store',
      config: { url: config.url, prefix: 'team' },
    });
    expect(examinationOf('store', { ...open, kind: 'bundled' })).toEqual({ role: 'store' });
  });

  it('knows whether there is something to move', () => {
    const row = { kind: 'external' as const, config };
    expect(leadsElsewhere(stored, row)).toBe(false);
    expect(leadsElsewhere({ ...stored, password: 'new' }, row)).toBe(false);
    expect(leadsElsewhere({ ...stored, prefix: '' }, row)).toBe(true);
    expect(leadsElsewhere({ ...stored, kind: 'bundled' }, row)).toBe(true);
  });
});
