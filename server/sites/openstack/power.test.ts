import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from './cloud';
import { serverPower, type ServerPower } from './power';
import { removeServer } from './servers';
import { openCloud } from './session';
import { json, openTestingCloud, type TestingCloud } from './testing-cloud';

let testing: TestingCloud;
let cloud: Cloud;
let power: ServerPower;

beforeEach(async () => {
  testing = await openTestingCloud();
  cloud = openCloud(testing.access, { backOffMs: 1 });
  power = serverPower(cloud);
});
afterEach(async () => {
  await cloud.close();
  await testing.close();
});

/** What nova shows of the server from now on. */
function show(status: string, task?: string, part: Record<string, unknown> = {}): void {
  const server = {
    id: 's',
    status,
    metadata: { edgeyard_vm: 'vm-a' },
    'OS-EXT-STS:task_state': task ?? null,
  };
  testing.on(/GET .*\/servers\/s$/, json(200, { server: { ...server, ...part } }));
}

/** Nova takes an action, which leads to a state. */
function takes(action: string, ...next: Parameters<typeof show>): void {
  testing.on(/POST .*\/servers\/s\/action/, (asked, answer) => {
    expect(Object.keys(JSON.parse(asked.body) as object)).toEqual([action]);
    show(...next);
    answer.writeHead(202).end();
  });
}

const actions = () => testing.asked.filter(({ method }) => method === 'POST').map(({ body }) => body);

describe('power', () => {
  it('does nothing to a server that is as one wants it', async () => {
    show('ACTIVE');
    await power.start('s');
    show('SHUTOFF');
    expect(await power.stop('s')).toEqual({ forced: false });
    expect(actions()).toEqual([]);
  });

  it('refuses what makes no sense, in the words of every site', async () => {
    show('PAUSED');
    await expect(power.start('s')).rejects.toMatchObject({ key: 'sites.errors.paused' });
    show('SHUTOFF');
    await expect(power.reboot('s')).rejects.toMatchObject({ key: 'sites.errors.notRunning' });
    await expect(power.resume('s')).rejects.toMatchObject({ key: 'sites.errors.notPaused' });
  });

  it.each([
    ['SHUTOFF', 'os-start'],
    ['SHELVED_OFFLOADED', 'unshelve'],
    ['ERROR', 'reboot'],
  ])('starts from %s by %s', async (status, action) => {
    show(status);
    takes(action, 'ACTIVE');
    await power.start('s');
    expect(actions()).toHaveLength(1);
  });

  it('wakes what was suspended by another word than what was paused', async () => {
    show('SUSPENDED');
    takes('resume', 'ACTIVE');
    await power.resume('s');
    show('PAUSED');
    takes('unpause', 'ACTIVE');
    await power.resume('s');
  });

  it('waits for what nova is doing already, also when nova says so with 409', async () => {
    show('SHUTOFF');
    testing.on(
      /POST .*\/action/,
      (asked, answer) => {
        show('SHUTOFF', 'image_uploading');
        const message = "Cannot 'start' instance s while it is in task_state image_uploading";
        json(409, { conflictingRequest: { code: 409, message } })(asked, answer);
        setImmediate(() => {
          show('SHUTOFF');
          takes('os-start', 'ACTIVE');
        });
      },
      1,
    );
    await power.start('s');
    expect(actions()).toHaveLength(2);
  });

  it('passes on a refusal that is about the action itself', async () => {
    show('SHUTOFF');
    const message = 'Instance s is locked';
    testing.on(/POST .*\/action/, json(409, { conflictingRequest: { code: 409, message } }));
    await expect(power.start('s')).rejects.toMatchObject({ code: 'conflict', detail: message });
  });

  it('that ends in ERROR says why', async () => {
    show('SHUTOFF');
    const fault = { code: 500, message: 'internal error: process exited while connecting to monitor' };
    takes('os-start', 'ERROR', undefined, { fault });
    await expect(power.start('s')).rejects.toMatchObject({
      key: 'openstack.errors.hypervisorFault',
      detail: fault.message,
    });
  });

  it('of a server that is gone says so', async () => {
    await expect(power.start('s')).rejects.toMatchObject({ key: 'sites.errors.noVm' });
  });
});

describe('removal', () => {
  it('asks again, with weight, when nova gave up half-way', async () => {
    show('ACTIVE');
    testing.on(/DELETE .*\/servers\/s$/, (_asked, answer) => {
      show('ERROR');
      answer.writeHead(204).end();
    });
    testing.on(/POST .*\/servers\/s\/action/, (asked, answer) => {
      expect(JSON.parse(asked.body)).toEqual({ forceDelete: null });
      testing.on(/GET .*\/servers\/s$/, json(404, { itemNotFound: { code: 404, message: 'gone' } }));
      answer.writeHead(202).end();
    });
    for (const key of ['servers', 'flavors'])
      testing.on(new RegExp(`/${key}/detail`), json(200, { [key]: [] }));
    for (const key of ['ports', 'floatingips', 'security_groups', 'routers', 'images'])
      testing.on(new RegExp(`/${key.replace('_', '-')}\\?`), json(200, { [key]: [] }));
    await removeServer(cloud, 's', undefined);
    expect(actions()).toHaveLength(1);
  });
});
