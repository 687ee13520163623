import pino from 'pino';
import type { UserActor } from '../access/actor';
import type { Db } from '../db/database';
import { testDatabase } from '../db/testing';
import { openEvents } from '../jobs/events';
import type { Jobs } from '../jobs/job';
import { openJobs } from '../jobs/jobs';
import { siteRegistry, type SiteRegistry } from '../sites/registry';
import { fakeImage, openFakeSite, type FakeSite } from '../sites/fake/fake-site';
import type { CreateProjectInput, CreateVmInput } from './schemas';
import { openWorkbench, type Workbench } from './workbench';

export const ada = user('ada', 'developer');
export const bob = user('bob', 'developer');
export const root = user('root', 'admin');

function user(name: string, role: 'developer' | 'admin'): UserActor {
  return { userId: `user-${name}`, name, role, scopes: ['read', 'write', 'admin'], via: 'session' };
}

export const projectInput: CreateProjectInput = {
  name: 'Camera watch',
  kind: 'vm',
  provider: 'Ada',
  industry: 'Smart Park',
  type: 'Video Surveillance',
  architecture: 'X86',
};

export const vmInput: CreateVmInput = {
  siteId: 'local',
  imageId: 'tiny',
  flavor: { id: 'nano' },
  network: { id: 'nat', forwards: [] },
  name: 'vm-1',
  sshKeys: [],
  toolIds: [],
};

export interface TestBench {
  db: Db;
  jobs: Jobs;
  site: FakeSite;
  workbench: Workbench;
  secrets: Map<string, string>;
  audited: string[];
}

/** A workbench on an empty database with the site in memory; jobs run. */
export async function openBench(
  given: { db?: Db; site?: FakeSite; sites?: SiteRegistry; run?: boolean } = {},
): Promise<TestBench> {
  const db = given.db ?? testDatabase();
  const site = given.site ?? openFakeSite({ id: 'local', images: [fakeImage({ id: 'tiny' })] });
  const events = openEvents();
  const log = pino({ level: 'silent' });
  const jobs = openJobs({ db, events, log });
  const secrets = new Map<string, string>();
  const audited: string[] = [];
  const users = [ada, bob, root].map(({ userId, name }) => ({ id: userId, name }));
  const workbench = openWorkbench({
    db,
    jobs,
    events,
    log,
    sites: given.sites ?? siteRegistry([site]),
    secrets: {
      put: (name, plain) => void secrets.set(name, plain),
      read: (name) => secrets.get(name),
      has: (name) => secrets.has(name),
      remove: (name) => void secrets.delete(name),
    },
    audit: ({ actor, action }) => void audited.push(`${actor.name} ${action}`),
    mayUseImage: (actor, imageId) => imageId !== 'private' || actor.userId === ada.userId,
    users: {
      nameOf: (id) => users.find((each) => each.id === id)?.name,
      find: (name) => users.find((each) => each.name === name),
    },
  });
  await workbench.open();
  if (given.run !== false) jobs.run();
  return { db, jobs, site, workbench, secrets, audited };
}

/** A project of Ada with one running VM. */
export async function withVm(bench: TestBench): Promise<{ projectId: string; vmId: string }> {
  const { id: projectId } = bench.workbench.projects.create(ada, projectInput);
  const { vm, job } = await bench.workbench.vms.create(ada, projectId, vmInput);
  if (job) await bench.jobs.settled(job.id);
  return { projectId, vmId: vm.id };
}
