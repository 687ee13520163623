import { expect, it } from 'vitest';
import { knownAddresses } from './known-addresses';

it('names the registries, stores, registries of edges and Edgeyards that are set here', () => {
  const known = knownAddresses({
    registries: { list: () => [{ address: '10.0.0.1:5000' }] as never },
    stores: () => ({ addresses: () => ['https://store.test', 'http://10.0.0.2:5000'] }),
    edges: () => ({ registryUrls: () => ['https://10.0.0.3'] }),
    sites: () => ({ addressesOf: (kind) => (kind === 'edgeyard' ? ['https://10.0.0.4:3000'] : []) }),
  });
  expect(known.list().map(({ address }) => address)).toEqual([
    '10.0.0.1:5000',
    'store.test',
    '10.0.0.2:5000',
    '10.0.0.3',
    '10.0.0.4:3000',
  ]);
});
