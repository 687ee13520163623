import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { openForeign, reachRule } from './container-ports';

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

it('asks what an administrator set here, by host and port', async () => {
  const mayReach = reachRule({ list: () => [{ address: '127.0.0.1:5000' }] }, false);
  await expect(mayReach('127.0.0.1:5000')).resolves.toBeUndefined();
  await expect(mayReach('127.0.0.1:22')).rejects.toMatchObject({ code: 'forbidden' });
  await expect(reachRule(registries, true)('127.0.0.1:22')).resolves.toBeUndefined();
});

it('connects to public addresses only, whatever a name leads to', async () => {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.setHeader('docker-distribution-api-version', 'registry/2.0').end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const open = openForeign(registries, false);
  const access = { url: `http://localhost:${port}` };
  const refused = open(access);
  await expect(refused.ping()).rejects.toMatchObject({ fault: 'forbidden' });
  expect(asked).toBe(0);
  const free = open(access, true);
  await free.ping();
  expect(asked).toBe(1);
  await Promise.all([refused.close(), free.close()]);
  server.close();
});
