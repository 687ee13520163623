import { randomBytes } from 'node:crypto';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openOpenStackSite } from '../../sites/openstack/openstack-site';
import type { Cloud } from '../../sites/openstack/cloud';
import { openCloud } from '../../sites/openstack/session';
import { imageBench, type ImageBench } from '../../sites/openstack/testing-images';
import { testAccess } from '../../sites/openstack/testing-login';
import type { Site } from '../../sites/site';
import { operator, testDeployments } from './testing';

const name = `release-${randomBytes(3).toString('hex')}`;
let cloud: Cloud;
let bench: ImageBench;
let site: Site;
let at: ReturnType<typeof testDeployments>;
/** A test that is tried again starts beside what it left. */
let tries = 0;
/** An image that is nowhere, which the next stack asks for. */
let missing = false;

beforeAll(async () => {
  const access = testAccess('developer');
  cloud = openCloud(access);
  bench = imageBench();
  site = openOpenStackSite({
    id: 'heat',
    name: 'Heat',
    access,
    library: bench.library,
    log: pino({ level: 'silent' }),
  });
  await site.open();
  const images: Record<string, string> = { '1.0': bench.guest().id, '2.0': bench.guest().id };
  at = testDeployments({
    site,
    siteImageId: (version) => (missing ? '00000000-0000-4000-8000-000000000000' : (images[version] ?? '')),
    topology: {
      name: 'Cam',
      version: '1',
      inputs: [
        {
          name: 'password',
          type: 'string',
          description: '',
          default: undefined,
          required: true,
          secret: true,
        },
      ],
      networks: [{ node: 'VL1', name: 'provider', range: undefined }],
      vms: [
        {
          node: 'VDU1',
          name,
          vcpus: 1,
          memoryMiB: 192,
          diskGiB: 1,
          image: 'cam',
          zone: undefined,
          userData: { contents: 'secret: $password$\n', params: { password: { input: 'password' } } },
          cards: [{ node: 'CP0', network: 'VL1', address: undefined, serves: [] }],
        },
      ],
    },
  });
});
afterAll(async () => {
  await at.close();
  for (const stack of await ours()) await site.stacks?.delete(stack, {});
  await bench.end(cloud);
  await site.close();
  await cloud.close();
});

/** References of the test's stacks in the project. */
async function ours(): Promise<string[]> {
  const schema = z.object({ id: z.string(), stack_name: z.string(), stack_status: z.string() });
  const all = await cloud.list({ service: 'orchestration', path: '/stacks', key: 'stacks', schema });
  return all
    .filter((stack) => stack.stack_name.startsWith(name) && stack.stack_status !== 'DELETE_COMPLETE')
    .map((stack) => `${stack.stack_name}/${stack.id}`);
}
const stackNames = async () => (await ours()).map((ref) => ref.slice(0, ref.indexOf('/')));
const one = (id: string) => at.room.get(operator, id);

describe('a release of VMs at a real cloud', () => {
  it('is replaced once the new VMs are there, kept through a failure, and gone without a trace', async () => {
    const stack = `${name}-${(tries += 1)}`;
    const { id, job } = await at.deployed('cam1', 'heat', { name: stack });
    expect(job).toMatchObject({ state: 'done', error: undefined });
    const names = async () => (await stackNames()).filter((each) => each.startsWith(stack));
    expect(await names()).toEqual([stack]);
    const first = await one(id);
    expect(first.resources.map(({ type }) => type)).toContain('OS::Nova::Server');
    expect(at.room.vmOf(operator, id, 'server_VDU1')).toMatchObject({ siteId: 'heat', state: 'running' });

    const upgrade = { releaseId: 'cam2', parameters: {} };
    const up = await at.room.upgrade(operator, id, upgrade);
    expect(await at.done(up.job)).toMatchObject({ state: 'done', error: undefined });
    expect(await names()).toEqual([`${stack}-r2`]);
    expect(await one(id)).toMatchObject({ state: 'ready', packageVersion: '2.0' });

    missing = true;
    const broken = await at.room.upgrade(operator, id, { releaseId: 'cam1', parameters: {} });
    missing = false;
    expect(await at.done(broken.job)).toMatchObject({ state: 'failed', undoError: undefined });
    expect(await names()).toEqual([`${stack}-r2`]);
    expect(await one(id)).toMatchObject({ state: 'ready', packageVersion: '2.0' });

    const back = await at.room.rollBack(operator, id);
    expect(await at.done(back.job)).toMatchObject({ state: 'done' });
    expect(await names()).toEqual([`${stack}-r4`]);
    expect(await at.done(at.room.remove(operator, id))).toMatchObject({ state: 'done' });
    expect(await names()).toEqual([]);
    await expect(one(id)).rejects.toMatchObject({ code: 'not_found' });
  });
});
