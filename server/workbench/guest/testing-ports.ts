import type { Actor } from '../../access/actor';
import { testDatabase } from '../../db/testing';
import { openEvents } from '../../jobs/events';
import type { Jobs } from '../../jobs/job';
import { openLog } from '../../log';
import { Problem } from '../../problem';
import { siteRegistry } from '../../sites/registry';
import type { Site } from '../../sites/site';
import type { GuestPorts, GuestVm } from './ports';
import type { GuestAccess } from './ssh';

/** A developer whose project holds the VM `vm_1`. */
export const developer: Actor = {
  userId: 'user_1',
  name: 'Dev',
  role: 'developer',
  scopes: ['read', 'write'],
  via: 'session',
};

/** Somebody whose projects do not hold it. */
export const stranger: Actor = { ...developer, userId: 'user_2', name: 'Stranger' };

export interface TestPorts extends GuestPorts {
  vm: GuestVm;
  secretsKept: Map<string, string>;
  audited: { action: string; detail: Record<string, string | number> }[];
}

/** Ports around one VM that is reached at `access`. */
export function testPorts(access: GuestAccess, rest: { jobs?: Jobs; sites?: Site[] } = {}): TestPorts {
  const vm: GuestVm = {
    id: 'vm_1',
    projectId: 'project_1',
    name: 'vm',
    siteId: 'site_1',
    siteRef: 'ref_1',
    state: 'running',
  };
  const secretsKept = new Map<string, string>();
  const audited: TestPorts['audited'] = [];
  const require = (actor: Actor, right: boolean) => {
    const known = actor.userId === developer.userId || actor.via === 'system';
    if (!known || !right) throw new Problem('not_found', 'workbench.errors.noVm');
  };
  return {
    vm,
    secretsKept,
    audited,
    db: testDatabase(),
    events: openEvents(),
    log: openLog('silent'),
    sites: siteRegistry(rest.sites ?? []),
    jobs: rest.jobs ?? noJobs,
    secrets: {
      put: (name, plain) => void secretsKept.set(name, plain),
      read: (name) => secretsKept.get(name),
      has: (name) => secretsKept.has(name),
      remove: (name) => void secretsKept.delete(name),
    },
    audit: ({ action, detail }) => void audited.push({ action, detail }),
    vmFor(actor, vmId) {
      require(actor, vmId === vm.id);
      return vm;
    },
    vmById: (vmId) => (vmId === vm.id ? vm : undefined),
    requireProject: (actor, projectId) => require(actor, projectId === vm.projectId),
    guestAccess: () => Promise.resolve(access),
  };
}

const noJobs: Jobs = new Proxy({} as Jobs, {
  get: () => () => {
    throw new Error('This test has no job engine.');
  },
});
