import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Actor } from '../access/actor';
import { openEvents } from '../jobs/events';
import { Problem } from '../problem';
import { siteRegistry } from '../sites/registry';
import type { Site } from '../sites/site';
import { openConsoles, type ConsoleVm } from './console';

const ada: Actor = {
  userId: 'ada',
  name: 'Ada',
  role: 'developer',
  scopes: ['read', 'write'],
  via: 'session',
};
const bob: Actor = { ...ada, userId: 'bob', name: 'Bob' };

/** A house with one VM that Ada owns, and a clock that the test moves. */
function setUp() {
  const vm: ConsoleVm & { owner: string } = {
    id: 'vm_1',
    siteId: 's',
    siteRef: 'r',
    state: 'running',
    owner: 'ada',
  };
  const clock = { now: 1_000_000 };
  const events = openEvents();
  const streams: PassThrough[] = [];
  let refusal: Error | undefined;
  const site = {
    id: 's',
    vms: {},
    console: {
      vnc: () => {
        if (refusal) return Promise.reject(refusal);
        const stream = new PassThrough();
        streams.push(stream);
        return Promise.resolve(stream);
      },
    },
  } as unknown as Site;
  const consoles = openConsoles({
    events,
    sites: siteRegistry([site]),
    now: () => clock.now,
    vmFor: (actor, vmId) => {
      const known = vmId === vm.id && (actor.role === 'admin' || actor.userId === vm.owner);
      if (!known) throw new Problem('not_found', 'workbench.errors.noVm');
      return vm;
    },
  });
  const changed = () => {
    events.publish({ topic: 'vm', id: vm.id, audience: { everyone: true } });
  };
  const refuse = (error: Error | undefined) => {
    refusal = error;
  };
  return { vm, clock, consoles, changed, streams, refuse, events };
}

describe('console tickets', () => {
  let house: ReturnType<typeof setUp>;
  beforeEach(() => {
    house = setUp();
  });

  it('knows a VM of a deployment by both their names, and ends its ticket with the deployment', () => {
    const { consoles, vm, events } = setUp();
    vm.id = 'dep_1.front end';
    const { path } = consoles.issue(ada, vm.id);
    expect(path).toMatch(/^\/api\/v1\/vms\/dep_1\.front%20end\/console\?ticket=/);
    const ticket = path.split('=')[1] ?? '';
    vm.state = 'stopped';
    events.publish({ topic: 'deployment', id: 'dep_1', audience: { everyone: true } });
    vm.state = 'running';
    return expect(consoles.open(ada, vm.id, ticket)).rejects.toMatchObject({
      key: 'console.errors.badTicket',
    });
  });

  it('opens the screen once, and only once', async () => {
    const { ticket } = house.consoles.issue(ada, 'vm_1');
    await expect(house.consoles.open(ada, 'vm_1', ticket)).resolves.toHaveProperty('stream');
    await expect(house.consoles.open(ada, 'vm_1', ticket)).rejects.toMatchObject({
      key: 'console.errors.badTicket',
    });
    expect(house.streams).toHaveLength(1);
  });

  it('is refused after 30 seconds', async () => {
    const { ticket, expiresAt } = house.consoles.issue(ada, 'vm_1');
    house.clock.now = expiresAt;
    await expect(house.consoles.open(ada, 'vm_1', ticket)).rejects.toMatchObject({
      key: 'console.errors.badTicket',
    });
  });

  it('is refused for another user, and used up by the attempt', async () => {
    const { ticket } = house.consoles.issue(ada, 'vm_1');
    await expect(house.consoles.open(bob, 'vm_1', ticket)).rejects.toMatchObject({
      key: 'console.errors.badTicket',
    });
    await expect(house.consoles.open(ada, 'vm_1', ticket)).rejects.toMatchObject({
      key: 'console.errors.badTicket',
    });
  });

  it("is not issued for another developer's VM", () => {
    expect(() => house.consoles.issue(bob, 'vm_1')).toThrow(Problem);
  });

  it('dies with the VM', async () => {
    const { ticket } = house.consoles.issue(ada, 'vm_1');
    house.vm.state = 'stopped';
    house.changed();
    house.vm.state = 'running';
    await expect(house.consoles.open(ada, 'vm_1', ticket)).rejects.toMatchObject({
      key: 'console.errors.badTicket',
    });
  });

  it('is not issued for a VM without a picture, and says which state it is in', () => {
    house.vm.state = 'stopped';
    expect(() => house.consoles.issue(ada, 'vm_1')).toThrow(
      expect.objectContaining({ key: 'console.errors.notRunning', params: { state: 'stopped' } }),
    );
  });
});

describe('a screen that the site refuses', () => {
  it('is told to whom it was refused, for a minute or until it opens', async () => {
    const house = setUp();
    const problem = new Problem('unavailable', 'openstack.errors.consoleRefused', { address: 'c:6080' });
    const attempt = () => house.consoles.open(ada, 'vm_1', house.consoles.issue(ada, 'vm_1').ticket);
    house.refuse(problem);
    await expect(attempt()).rejects.toBe(problem);
    expect(house.consoles.refusal(ada, 'vm_1')).toEqual(problem.report());
    expect(() => house.consoles.refusal(bob, 'vm_1')).toThrow(Problem);
    house.vm.owner = 'bob';
    expect(house.consoles.refusal(bob, 'vm_1')).toBeUndefined();
    house.vm.owner = 'ada';
    house.clock.now += 60_000;
    expect(house.consoles.refusal(ada, 'vm_1')).toBeUndefined();
    await expect(attempt()).rejects.toBe(problem);
    house.refuse(undefined);
    await attempt();
    expect(house.consoles.refusal(ada, 'vm_1')).toBeUndefined();
  });

  it('says nothing of what was inside an unexpected error', async () => {
    const house = setUp();
    house.refuse(new Error('token=secret'));
    const { ticket } = house.consoles.issue(ada, 'vm_1');
    await expect(house.consoles.open(ada, 'vm_1', ticket)).rejects.toThrow('token=secret');
    expect(house.consoles.refusal(ada, 'vm_1')).toMatchObject({ key: 'problems.unexpected' });
    expect(JSON.stringify(house.consoles.refusal(ada, 'vm_1'))).not.toContain('secret');
  });
});

describe('an open console', () => {
  it('ends when the VM stops', async () => {
    const house = setUp();
    const { onEnd } = await house.consoles.open(ada, 'vm_1', house.consoles.issue(ada, 'vm_1').ticket);
    const ended = vi.fn();
    onEnd(ended);
    house.changed();
    expect(ended).not.toHaveBeenCalled();
    house.vm.state = 'stopped';
    house.changed();
    house.changed();
    expect(ended.mock.calls).toEqual([['vm_stopped']]);
  });

  it('ends when the user loses the right', async () => {
    const house = setUp();
    const { onEnd } = await house.consoles.open(ada, 'vm_1', house.consoles.issue(ada, 'vm_1').ticket);
    const ended = vi.fn();
    onEnd(ended);
    house.vm.owner = 'bob';
    house.changed();
    expect(ended.mock.calls).toEqual([['access_lost']]);
  });
});
