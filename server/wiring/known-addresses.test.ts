import { expect, it } from 'vitest';
import { knownAddresses } from './known-addresses';

it('names the registries, stores, registries of edges and Edgeyards that are set here', () => {
  const known = knownAddresses({
    registries: { list: () => [{ address: '10.0.0.1:5000' }] as never },
    stores: () => ({
      list: () =>
        [{ url: null }, { url: 'https://store.test', registry: { url: 'http://10.0.0.2:5000' } }] as never,
    }),
    edges: () => ({ list: () => [{ registry: null }, { registry: { url: 'https://10.0.0.3' } }] as never }),
    sites: () => ({
      adminList: () =>
        [
          { kind: 'qemu', config: undefined },
          { kind: 'edgeyard', config: { url: 'https://10.0.0.4:3000' } },
        ] as never,
    }),
  });
  expect(known.list().map(({ address }) => address)).toEqual([
    '10.0.0.1:5000',
    'store.test',
    '10.0.0.2:5000',
    '10.0.0.3',
    '10.0.0.4:3000',
  ]);
});
