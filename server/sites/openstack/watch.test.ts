import { afterEach, expect, it, vi } from 'vitest';
import { openLog } from '../../log';
import type { Problem } from '../../problem';
import { openCloud } from './session';
import { json, openTestingCloud, type TestingCloud } from './testing-cloud';
import { watchServers } from './watch';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

interface Shown {
  id: string;
  status: string;
  task?: string;
  vmId?: string;
}

/** What nova shows from now on. */
function show(cloud: TestingCloud, ...servers: Shown[]): void {
  const updated = new Date().toISOString();
  const shown = servers.map(({ id, status, task, vmId = `vm-${id}` }) => ({
    id,
    status,
    created: updated,
    updated,
    metadata: vmId === '' ? {} : { edgeyard_vm: vmId },
    'OS-EXT-STS:task_state': task ?? null,
  }));
  cloud.on(/GET .*\/servers\/detail/, json(200, { servers: shown }));
}

async function watched(first: Shown[], booting: string[] = []) {
  const testing = await openTestingCloud();
  const cloud = openCloud(testing.access, { backOffMs: 1 });
  const changes: string[] = [];
  const troubles: (Problem | undefined)[] = [];
  show(testing, ...first);
  const watch = watchServers(
    cloud,
    ({ vmId }) => changes.push(vmId),
    (id) => booting.includes(id),
    openLog('fatal'),
    { moving: 20, calm: 30, down: 50 },
  );
  watch.onTrouble((trouble) => troubles.push(trouble));
  closers.push(
    () => testing.close(),
    () => cloud.close(),
    () => watch.close(),
  );
  watch.open();
  const looks = () => testing.asked.filter(({ path }) => path.includes('/servers/detail')).length;
  const look = () =>
    vi.waitFor(
      (
        (now) => () =>
          expect(looks()).toBeGreaterThan(now + 1)
      )(looks()),
    );
  await look();
  return { testing, changes, troubles, look };
}

it('tells what changed, once, and nothing of what was there or is others’', async () => {
  const { testing, changes, look } = await watched([
    { id: 'a', status: 'ACTIVE' },
    { id: 'b', status: 'SHUTOFF' },
  ]);
  expect(changes).toEqual([]);
  show(testing, { id: 'a', status: 'ACTIVE', task: 'powering-off' }, { id: 'x', status: 'ACTIVE', vmId: '' });
  await look();
  expect(changes).toEqual(['vm-a']);
  show(testing, { id: 'a', status: 'SHUTOFF' }, { id: 'c', status: 'BUILD' });
  await look();
  expect(changes).toEqual(['vm-a', 'vm-a', 'vm-c']);
});

it('tells of a server that was deleted, whose metadata nova may have dropped', async () => {
  const { testing, changes, look } = await watched([{ id: 'a', status: 'ACTIVE' }]);
  show(testing, { id: 'a', status: 'DELETED', vmId: '' }, { id: 'old', status: 'DELETED' });
  await look();
  expect(changes).toEqual(['vm-a']);
});

it('asks for what changed since, in one question', async () => {
  const { testing } = await watched([{ id: 'a', status: 'ACTIVE' }]);
  const paths = testing.asked.map(({ path }) => path).filter((path) => path.includes('/servers'));
  expect(paths[0]).not.toContain('changes-since');
  expect(paths.slice(1).every((path) => path.includes('changes-since='))).toBe(true);
});

it('tells of servers that boot as long as they do', async () => {
  const booting = ['a'];
  const { changes, look } = await watched([{ id: 'a', status: 'ACTIVE' }], booting);
  expect(changes).toContain('vm-a');
  booting.pop();
  await look();
  const told = changes.length;
  await look();
  expect(changes).toHaveLength(told);
});

it('tells why the cloud does not answer, and when it does again', async () => {
  const { testing, troubles, changes, look } = await watched([{ id: 'a', status: 'ACTIVE' }]);
  testing.on(/GET .*\/servers\/detail/, json(503, {}), 2);
  await vi.waitFor(() => expect(troubles.at(-1)).toMatchObject({ key: 'openstack.errors.unavailable' }));
  await vi.waitFor(() => expect(troubles.at(-1)).toBeUndefined());
  await look();
  expect(changes).toEqual([]);
});
