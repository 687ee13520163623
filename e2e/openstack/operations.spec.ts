/**
 * A VM app from the store to an OpenStack and to this machine as an edge: synced, planned, distributed, deployed, and
 * replaced by a version of which 2 % of the disk is new; then brought back, and taken away without a trace.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { addCloud, holdingsOf } from '../stacks/cloud';
import { removeDataDir, startServer, virtualMachinesOf, type RunningServer } from '../stacks/edgeyard';
import { sendImage } from '../stacks/images';
import { deployAt, distribute, planFor, syncRelease, untilDeployment } from '../stacks/operations';
import { becomeAdministrator, signIn, type Person } from '../stacks/people';
import type { RestJob } from '../stacks/rest';
import { expect, test } from '../stacks/test';
import { bootVm, makeProject, tinyRequest } from '../stacks/vms';

const run = promisify(execFile);
const mib = 2 ** 20;
const appBytes = 50 * mib;
const changedBytes = mib;
// What an earlier run may have left is not this run's.
const shop = `shop-${String(process.pid)}`;

let server: RunningServer;
let folder: string;

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'edge-vms-'));
  writeFileSync(join(folder, 'edgeyard.yaml'), JSON.stringify({ qemu: { purpose: 'edge' } }));
  server = await startServer({ environment: { EDGEYARD_CONFIG: join(folder, 'edgeyard.yaml') } });
});
test.afterAll(async () => {
  await server.stop();
  removeDataDir(server.dataDir);
  rmSync(folder, { recursive: true, force: true });
});

/** The tiny guest with an app's data behind its own disk. @param part what is written over the data's beginning */
async function appDisk(data: Buffer, part?: Buffer): Promise<Buffer> {
  const guests = process.env.EDGEYARD_GUESTS ?? '.cache/guests';
  const raw = join(folder, 'app.raw');
  const qcow2 = join(folder, 'app.qcow2');
  await run('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', join(guests, 'tiny.qcow2'), raw]);
  const { size } = statSync(raw);
  truncateSync(raw, size + data.length);
  const file = openSync(raw, 'r+');
  writeSync(file, data, 0, data.length, size);
  if (part) writeSync(file, part, 0, part.length, size);
  await run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', '-c', raw, qcow2]);
  return readFileSync(qcow2);
}

async function addImage(person: Person, name: string, disk: Buffer): Promise<string> {
  const more = { name, os: 'tiny', login: 'root', cloudInit: 'true', visibility: 'everyone' };
  const image = await sendImage(person, 'qcow2', disk, more);
  expect(image).toMatchObject({ state: 'ready', error: null });
  await person.rest.expect(200, 'PATCH', `/api/v1/images/${image.id}`, { minMemoryMiB: 128 });
  return image.id;
}

test('VMs from the store to a cloud and to this machine, replaced, brought back and taken away @S20 @S21', async ({
  context,
}) => {
  const ada = await becomeAdministrator(server);
  const before = await holdingsOf('developer');
  const cloud = await addCloud(ada);
  await ada.rest.expect(200, 'PATCH', `/api/v1/sites/${cloud}`, { purpose: 'edge' });
  const edges = [cloud, 'local'];

  const data = randomBytes(appBytes);
  const one = await addImage(ada, 'Camera one', await appDisk(data));
  const two = await addImage(ada, 'Camera two', await appDisk(data, randomBytes(changedBytes)));
  const projectId = await makeProject(ada);
  const vm = await bootVm(ada, projectId, { ...(await tinyRequest(ada, 'camera')), imageId: one });
  const publish = async (version: string, imageId: string) => {
    const build = await ada.rest.expect<RestJob>(202, 'POST', `/api/v1/projects/${projectId}/packages`, {
      version,
      imageOfVm: { [vm.name]: imageId },
      images: 'reference',
    });
    const { packageId } = (await ada.rest.done(build.id)).result as { packageId: string };
    const job = await ada.rest.expect<RestJob>(202, 'POST', `/api/v1/packages/${packageId}/publish`, {});
    return ((await ada.rest.done(job.id)).result as { releaseId: string }).releaseId;
  };

  const first = await syncRelease(ada, await publish('1.0', one));
  expect(first.result.bytesMoved).toBeGreaterThan(0);
  expect((await syncRelease(ada, first.storeReleaseId)).result).toMatchObject({
    unchanged: true,
    bytesMoved: 0,
  });
  const stands = (await planFor(ada, [first.id], edges)).cells.map(({ stand }) => stand);
  expect(stands[0]).toBe('missing');
  await distribute(ada, [first.id], edges);
  const twice = await distribute(ada, [first.id], edges);
  expect(twice.cells.map(({ state, bytesMoved }) => [state, bytesMoved])).toEqual([
    ['skipped', 0],
    ['skipped', 0],
  ]);

  const deployed = [
    ...(await deployAt(ada, first.id, [cloud], shop, await parametersAt(ada, first.id, cloud))),
    ...(await deployAt(ada, first.id, ['local'], shop, await parametersAt(ada, first.id, 'local'))),
  ];
  for (const { id } of deployed) {
    const { resources } = await untilDeployment(ada, id, ({ state }) => state === 'ready');
    expect(resources.some(({ type }) => type === 'VM' || type === 'OS::Nova::Server')).toBe(true);
  }
  await signIn(context, server, ada);
  const page = await context.newPage();
  await watchConsole(page, deployed.at(-1)?.id ?? '');
  await page.close();

  const second = await syncRelease(ada, await publish('2.0', two));
  // Of the disk only what changed goes to operations: 1 MiB pieces, of which a shifted one may touch two.
  expect(second.result.bytesMoved).toBeLessThan(6 * changedBytes);
  const older = await planFor(ada, [second.id], edges);
  expect(older.cells[0]?.stand).toBe('older');
  await distribute(ada, [second.id], edges);
  for (const { id } of deployed) {
    const job = await ada.rest.expect<RestJob>(202, 'POST', `/api/v1/deployments/${id}/upgrade`, {
      releaseId: second.id,
    });
    await ada.rest.done(job.id, 300);
    await untilDeployment(ada, id, ({ state }) => state === 'ready');
  }
  const [onCloud, here] = deployed;
  const back = await ada.rest.expect<RestJob>(202, 'POST', `/api/v1/deployments/${here?.id}/roll-back`, {});
  await ada.rest.done(back.id, 300);
  await untilDeployment(ada, here?.id ?? '', ({ state }) => state === 'ready');

  for (const deployment of [onCloud, here]) {
    const job = await ada.rest.expect<RestJob>(202, 'DELETE', `/api/v1/deployments/${deployment?.id}`);
    await ada.rest.done(job.id, 300);
  }
  expect((await holdingsOf('developer')).filter((each) => !each.startsWith('image '))).toEqual(
    before.filter((each) => !each.startsWith('image ')),
  );
  // The developer's own VM is all that runs here.
  expect(virtualMachinesOf(server.dataDir)).toHaveLength(1);
});

/** Opens the console of a deployment's VM in its page, and waits until its screen shows something. */
async function watchConsole(page: Page, deploymentId: string): Promise<void> {
  await page.goto(`${server.url}/deployments/${deploymentId}`);
  await page.getByRole('button', { name: /^Console of/ }).click();
  const screen = page.getByRole('region', { name: /^Console of/ }).locator('canvas');
  const colours = () =>
    screen.evaluate((canvas: HTMLCanvasElement) => {
      // It has no size before the first picture comes.
      if (canvas.width === 0 || canvas.height === 0) return 0;
      const picture = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height);
      return new Set(picture && new Uint32Array(picture.data.buffer)).size;
    });
  await expect.poll(colours).toBeGreaterThan(1);
}

/** What the form would be filled with: the defaults, and a network that leads out where one must be chosen. */
async function parametersAt(
  person: Person,
  releaseId: string,
  edgeId: string,
): Promise<Record<string, string | number | boolean>> {
  interface Asked {
    parameters: {
      name: string;
      required: boolean;
      default?: string | number | boolean;
      choices?: string[];
    }[];
    reasons: unknown[];
  }
  const plan = await person.rest.expect<Asked>(200, 'POST', '/api/v1/deployments/plan-release', {
    releaseId,
    edgeId,
  });
  expect(plan.reasons).toEqual([]);
  const missing = plan.parameters.filter((each) => each.required && each.default === undefined);
  return Object.fromEntries(missing.map(({ name, choices }) => [name, choices?.[0] ?? '']));
}
