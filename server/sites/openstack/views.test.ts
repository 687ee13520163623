import { afterEach, expect, it } from 'vitest';
import type { Cloud } from './cloud';
import { serialLogs } from './serial';
import { novaServer } from './server-view';
import { openCloud } from './session';
import { json, openTestingCloud, type TestingCloud } from './testing-cloud';
import { serverViews } from './views';

let testing: TestingCloud;
let cloud: Cloud;
afterEach(async () => {
  await cloud.close();
  await testing.close();
});

const server = novaServer.parse({
  id: 's',
  status: 'ACTIVE',
  metadata: { edgeyard_vm: 'vm-a' },
  updated: '2026-01-01T00:00:00Z',
  'OS-SRV-USG:launched_at': '2026-01-01T00:00:00',
  addresses: {
    inside: [
      { addr: '10.0.0.5', version: 4, 'OS-EXT-IPS:type': 'fixed' },
      { addr: '198.51.100.7', version: 4, 'OS-EXT-IPS:type': 'floating' },
    ],
  },
});

it('a list asks for no console, and tells what was read before', async () => {
  testing = await openTestingCloud();
  cloud = openCloud(testing.access, { backOffMs: 1 });
  testing.on(/GET .*\/servers\/s\/os-instance-actions$/, json(200, { instanceActions: [] }));
  testing.on(
    /POST .*\/servers\/s\/action/,
    json(200, { output: 'Debian GNU/Linux 12 tiny ttyS0\n\ntiny login: ' }),
  );
  const consoles = () =>
    testing.asked.filter(({ method, path }) => method === 'POST' && path.includes('/action'));
  const views = serverViews(cloud, serialLogs(cloud));

  const first = await views.listed(server);
  expect(first).toMatchObject({ state: 'running', bootUnread: true });
  expect(first.boot.map(({ phase }) => phase)).toEqual(['firmware']);
  expect(first).toMatchObject({ addresses: ['198.51.100.7', '10.0.0.5'], floating: ['198.51.100.7'] });
  expect(consoles()).toEqual([]);

  const looked = await views.of(server);
  expect(looked.boot.map(({ phase }) => phase)).toContain('login');
  expect(consoles()).toHaveLength(1);

  expect(await views.listed(server)).toMatchObject({ boot: looked.boot, bootUnread: false });
  expect(await views.listed({ ...server, status: 'SHUTOFF', updated: 'later' })).toMatchObject({
    boot: [],
    bootUnread: false,
  });
  expect(consoles()).toHaveLength(1);
});
