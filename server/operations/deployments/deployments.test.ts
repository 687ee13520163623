import pino from 'pino';
import { expect, it, vi } from 'vitest';
import { testDatabase } from '../../db/testing';
import { openEvents } from '../../jobs/events';
import { openJobs } from '../../jobs/jobs';
import { Problem } from '../../problem';
import { fakeImage, openFakeSite } from '../../sites/fake/fake-site';
import { siteRegistry } from '../../sites/registry';
import type { AppInput, Stack, Stacks } from '../../sites/stacks';
import { ada } from '../../workbench/testing';
import { openDeployments } from './deployments';
import type { DeploymentPorts } from './ports';

function nothing(): never {
  throw new Error('A package asks no other part of operations.');
}

/** Operations on a site whose stacks are ready at once; `stacks` can be told to do otherwise. */
function openBench() {
  const db = testDatabase();
  const events = openEvents();
  const log = pino({ level: 'silent' });
  const jobs = openJobs({ db, events, log });
  const stack: Stack = {
    ref: 'shop/1',
    name: 'shop',
    state: 'ready',
    reason: '',
    outputs: [],
    resources: [],
  };
  const stacks: Stacks = {
    plan: async () => ({ template: 't', parameters: [], reasons: [] }),
    create: async () => stack,
    find: async () => undefined,
    get: async () => stack,
    events: async () => [],
    delete: async () => undefined,
  };
  const site = openFakeSite({ id: 'local', images: [fakeImage({ id: 'tiny' })] });
  const packages = {
    get: () => ({ id: 'pkg_1', name: 'Shop', version: '1.0', projectId: null }),
    topology: async () => ({ topology: {}, images: [] }),
  } as unknown as DeploymentPorts['packages'];
  const operations = openDeployments({
    db,
    jobs,
    events,
    log,
    packages,
    audit: () => undefined,
    secrets: { put: () => undefined, read: () => undefined, has: () => false, remove: () => undefined },
    sites: siteRegistry([Object.assign(site, { stacks })]),
    projects: { canSee: () => true },
    imageByDigest: () => undefined,
    edges: nothing,
    sync: nothing,
    distributions: nothing,
    registries: { revokePull: () => undefined },
  });
  jobs.run();
  const input = { packageId: 'pkg_1', siteId: 'local', name: 'shop', parameters: {} };
  const create = async (key?: string) => {
    const { deployment, job } = await operations.create(ada, input, key);
    await jobs.settled(job.id);
    return deployment.id;
  };
  return { operations, jobs, stacks, stack, create };
}

/** A promise that the test settles. */
function later<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

it('the same request again is the same deployment, and none once that was removed', async () => {
  const { operations, jobs, create } = openBench();
  const id = await create('key-1');
  expect(await create('key-1')).toBe(id);
  await jobs.settled(operations.remove(ada, id).id);
  await expect(create('key-1')).rejects.toMatchObject({ code: 'gone' });
  expect(operations.list(ada, {})).toEqual([]);
});

it('a look at the stack that ends late does not undo that it is being deleted', async () => {
  const { operations, jobs, stacks, stack, create } = openBench();
  const id = await create();
  const look = later<Stack | undefined>();
  stacks.get = () => look.promise;
  const hold = later<void>();
  stacks.delete = () => hold.promise;
  const shown = operations.get(ada, id);
  const job = operations.remove(ada, id);
  look.resolve({ ...stack, state: 'failed' });
  expect((await shown).state).toBe('deleting');
  expect(operations.list(ada, {})[0]?.state).toBe('deleting');
  hold.resolve();
  await jobs.settled(job.id);
  expect(operations.list(ada, {})).toEqual([]);
});

it('a stack that cannot be deleted says why, and can be tried again', async () => {
  const { operations, jobs, stacks, create } = openBench();
  const id = await create();
  stacks.delete = () =>
    Promise.reject(
      new Problem('failed', 'openstack.errors.stackNotDeleted', { name: 'shop' }, { detail: 'port in use' }),
    );
  await jobs.settled(operations.remove(ada, id).id);
  await vi.waitFor(() =>
    expect(operations.list(ada, {})[0]).toMatchObject({ state: 'failed', reason: 'port in use' }),
  );
  stacks.delete = () => Promise.resolve();
  await jobs.settled(operations.remove(ada, id).id);
  expect(operations.list(ada, {})).toEqual([]);
});

it('a creation that fails and cannot be cleaned up is failed, and can be removed later', async () => {
  const { operations, jobs, stacks, create } = openBench();
  stacks.create = () => Promise.reject(new Problem('failed', 'openstack.errors.serverError'));
  stacks.find = () => Promise.reject(new Problem('failed', 'openstack.errors.serverError'));
  const id = await create();
  expect(operations.list(ada, {})[0]).toMatchObject({ id, state: 'failed' });
  stacks.find = () => Promise.resolve(undefined);
  await jobs.settled(operations.remove(ada, id).id);
  expect(operations.list(ada, {})).toEqual([]);
});

it('a network that the site does not have is refused before anything is made', async () => {
  const { operations, stacks } = openBench();
  const network: AppInput = {
    name: 'net',
    type: 'string',
    description: '',
    default: 'north',
    required: false,
    secret: false,
    choices: ['north', 'south'],
  };
  stacks.plan = async () => ({ template: 't', parameters: [network], reasons: [] });
  const input = { packageId: 'pkg_1', siteId: 'local', name: 'shop' };
  await expect(operations.create(ada, { ...input, parameters: { net: 'west' } })).rejects.toMatchObject({
    code: 'invalid',
    key: 'deployments.errors.notOnSite',
  });
  expect(operations.list(ada, {})).toEqual([]);
  const { deployment } = await operations.create(ada, { ...input, parameters: { net: 'south' } });
  expect(deployment.parameters).toEqual({ net: 'south' });
});

it('deployments of a site that is gone are dropped without asking it', async () => {
  const { operations, stacks, create } = openBench();
  const id = await create();
  const remove = vi.spyOn(stacks, 'delete');
  expect(operations.forgetAt('elsewhere')).toEqual([]);
  expect(operations.forgetAt('local')).toEqual([{ id, name: 'shop' }]);
  expect(operations.at('local')).toEqual([]);
  expect(remove).not.toHaveBeenCalled();
});
