import { afterAll, beforeAll, expect, it } from 'vitest';
import { testCa, type TestCa } from '../../../e2e/stacks/certificates';
import { startRegistry, type TestRegistry } from '../../../e2e/stacks/registry';
import { pushImage, testImage } from '../../../e2e/stacks/test-image';
import { copyArtifact } from '../../oci/copy-artifact';
import { openRegistry } from '../../oci/open-registry';
import { admin } from '../../sites/testing';
import { testEdges } from './testing';

let ca: TestCa;
let secured: TestRegistry;
let source: TestRegistry;
let bench: ReturnType<typeof testEdges>;
let id: string;
beforeAll(async () => {
  ca = testCa();
  secured = await startRegistry({ tls: ca, htpasswd: { push: 'open sesame', pull: 'only look' } });
  source = await startRegistry();
  bench = testEdges({ openRegistry });
  ({ id } = await bench.addCluster('Pier'));
});
afterAll(async () => {
  await bench.edges.close();
  await bench.sites.room.close();
  await secured.stop();
  await source.stop();
});

const setting = () => ({
  url: secured.url,
  prefix: 'team/edge',
  ca: ca.certificate,
  user: 'push',
  password: 'open sesame',
  pullUser: 'pull',
  pullPassword: 'only look',
});
const healthOf = async () => (await bench.edges.check(id)).health;

it('takes an image by copy, under the edge’s prefix, and gives the login that may only pull', async () => {
  const image = testImage({ seed: 'edge' });
  await pushImage(image, { url: source.url, repository: 'shop/web', tag: '1' });
  bench.edges.update(admin, id, { registry: setting() });
  const found = await bench.edges.registryOf(id);
  if (!found) throw new Error('The edge has a registry.');
  const from = openRegistry({ url: source.url });
  const to = { registry: found.registry, repository: found.repository('shop', 'web'), reference: '1' };
  const copied = await copyArtifact({ registry: from, repository: 'shop/web', reference: '1' }, to, {});
  await from.close();
  expect(copied).toMatchObject({ outcome: 'copied', digest: image.digest });
  const { pull } = found;
  expect(pull).toMatchObject({ address: secured.address, plainHttp: false, ca: ca.certificate });
  const asEdge = openRegistry({ url: secured.url, ca: pull.ca, login: pull.login });
  expect(await asEdge.head('team/edge/shop/web', image.digest)).toMatchObject({ digest: image.digest });
  await asEdge.close();
  expect(await healthOf()).toMatchObject({ state: 'well', problem: null });
});

it.each([
  ['a wrong password', { password: 'wrong' }, 'unauthorized'],
  ['a certificate that is not trusted', { ca: undefined }, 'tls'],
])('says that the edge is not well with %s', async (_, change, fault) => {
  bench.edges.update(admin, id, { registry: { ...setting(), ...change } });
  const key = `registries.errors.faults.${fault}`;
  expect(await healthOf()).toMatchObject({
    state: 'unwell',
    problem: { key, params: { address: secured.address } },
  });
  await expect(bench.edges.registryOf(id)).rejects.toMatchObject({ code: 'unavailable', key });
});

it('is well again once a registry that was away is back', async () => {
  bench.edges.update(admin, id, { registry: setting() });
  expect((await healthOf()).state).toBe('well');
  await secured.kill();
  expect(await healthOf()).toMatchObject({
    state: 'unwell',
    problem: { key: 'registries.errors.faults.unreachable' },
  });
  await secured.restart();
  expect(await healthOf()).toMatchObject({ state: 'well', problem: null });
});
