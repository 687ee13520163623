import { expect, it } from 'vitest';
import { reachRule } from './container-ports';

const registries = { list: () => [] };

it('refuses registries on addresses that are not public', async () => {
  const mayReach = reachRule(registries, false);
  await expect(mayReach('127.0.0.1:5000')).rejects.toMatchObject({ code: 'forbidden' });
  await expect(mayReach('localhost:5000')).rejects.toMatchObject({ code: 'forbidden' });
});

it('leaves a name that nobody knows to the client, which says so', async () => {
  // Names below .invalid never exist (RFC 2606).
  await expect(reachRule(registries, false)('registry.invalid')).resolves.toBeUndefined();
});
