import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from './config';

/** What is read from a data folder with this edgeyard.yaml. */
function read(yaml: string, environment: Record<string, string> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'edgeyard-config-'));
  writeFileSync(join(dir, 'edgeyard.yaml'), yaml);
  return readConfig({ EDGEYARD_DATA: dir, ...environment });
}

describe('the registries of edgeyard.yaml', () => {
  it('are the bundled one on loopback when nothing is said', () => {
    expect(read('').registries).toEqual({
      bundled: { host: '127.0.0.1', port: 0, https: false },
      external: {},
    });
  });

  it('take a registry for a room, with its password out of a variable', () => {
    const { registries } = read(
      `registries:
  bundled: { host: 0.0.0.0, port: 5000, address: yard.example.org:5000 }
  store: { url: 'https://registry.example.org', prefix: edge/store, user: yard, passwordEnv: STORE_PASSWORD,
    pullUser: puller, pullPasswordEnv: PULL_PASSWORD }
`,
      { STORE_PASSWORD: 'open sesame', PULL_PASSWORD: 'only look' },
    );
    expect(registries.bundled).toMatchObject({ port: 5000, address: 'yard.example.org:5000' });
    expect(registries.external).toEqual({
      store: {
        config: {
          url: 'https://registry.example.org',
          prefix: 'edge/store',
          user: 'yard',
          pullUser: 'puller',
        },
        password: 'open sesame',
        pullPassword: 'only look',
      },
    });
  });

  it('are refused with the key that does not fit', () => {
    expect(() => read('registries: { store: { url: "https://registry.example.org/path" } }')).toThrow(
      /store/,
    );
    expect(() => read('registries: { shop: { url: "https://registry.example.org" } }')).toThrow(/shop/);
    expect(() => read('registries: { store: { url: "http://a", passwordEnv: NO_SUCH } }')).toThrow(
      /registries\.store\.passwordEnv names NO_SUCH/,
    );
    expect(() => read('registries: { store: { url: "http://a", ca: /nowhere.pem } }')).toThrow(
      /no file \/nowhere\.pem/,
    );
  });
});

describe('the rooms of EDGEYARD_ROLES', () => {
  it('are all when nothing is said, and else those named', () => {
    expect(read('').rooms).toEqual(['workbench', 'store', 'operations']);
    expect(read('', { EDGEYARD_ROLES: 'store' }).rooms).toEqual(['store']);
    expect(read('', { EDGEYARD_ROLES: 'operations, workbench,operations' }).rooms).toEqual([
      'workbench',
      'operations',
    ]);
  });

  it.each(['', 'shop', 'store,'])('are refused as “%s”', (text) => {
    expect(() => read('', { EDGEYARD_ROLES: text })).toThrow(/a list of workbench, store, operations/);
  });
});
