/** The console's door: who gets through it, and when it shuts. */
import { bearer, ticketFor, view, watchScreen, type Ticket, type Viewer } from './stacks/console';
import type { RestJob } from './stacks/rest';
import { expect, test } from './stacks/test';
import { booted, bootTiny, makeProject, removeProject, type TestVm } from './stacks/vms';

let projectId: string;
let vm: TestVm;
let early: Ticket;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ bo }) => {
  projectId = await makeProject(bo);
  vm = await bootTiny(bo, projectId);
  early = await ticketFor(bo, vm.id);
});
test.afterAll(async ({ bo }) => removeProject(bo, projectId));

const greets = async (viewer: Viewer) => {
  await expect.poll(() => viewer.received().toString('latin1', 0, 12)).toMatch(/^RFB 003\.00\d\n$/);
};

/** Shakes hands as RFB 3.8 without security (RFC 6143, 7.1), and reads the size of the screen. */
async function screenSize({ socket, received }: Viewer): Promise<{ width: number; height: number }> {
  socket.send('RFB 003.008\n');
  await expect.poll(() => received().length).toBeGreaterThanOrEqual(14);
  expect([...received().subarray(13, 13 + (received()[12] ?? 0))]).toContain(1);
  socket.send(Buffer.from([1]));
  const security = 13 + (received()[12] ?? 0);
  await expect.poll(() => received().length).toBeGreaterThanOrEqual(security + 4);
  expect(received().readUInt32BE(security)).toBe(0);
  socket.send(Buffer.from([1])); // shared: others may watch as well
  await expect.poll(() => received().length).toBeGreaterThanOrEqual(security + 4 + 24);
  const init = received().subarray(security + 4);
  return { width: init.readUInt16BE(0), height: init.readUInt16BE(2) };
}

test('two watch one screen at once, and each is greeted by the guest’s own server @S3', async ({
  server,
  ada,
  bo,
}) => {
  const first = await watchScreen(server, bo, vm.id);
  await greets(first);
  const size = await screenSize(first);
  expect(size.width).toBeGreaterThanOrEqual(640);
  const second = await watchScreen(server, ada, vm.id);
  await greets(second);
  expect(await screenSize(second)).toEqual(size);
  expect(first.socket.readyState).toBe(first.socket.OPEN);
  first.socket.close();
  expect(await first.closed).toMatch(/^1000|^1005/);
  // The other goes on: it gets a picture when it asks for one (FramebufferUpdateRequest).
  const before = second.received().length;
  const ask = Buffer.from([3, 0, 0, 0, 0, 0, 0, 16, 0, 16]);
  second.socket.send(ask);
  await expect.poll(() => second.received().length).toBeGreaterThan(before + 16 * 16);
  second.socket.close();
});

test('a ticket opens one door once, for the one who asked for it @S3', async ({ server, ada, bo, cy }) => {
  const used = await ticketFor(bo, vm.id);
  const viewer = await view(server, used, bearer(bo));
  expect(typeof viewer).toBe('object');
  expect(await view(server, used, bearer(bo))).toBe(403);
  if (typeof viewer === 'object') viewer.socket.close();

  // Cy sees no such VM; Ada sees it, but the ticket is not hers. In wrong hands it is used up.
  await cy.rest.expect(404, 'POST', `/api/v1/vms/${vm.id}/console`);
  for (const thief of [cy, ada]) {
    const stolen = await ticketFor(bo, vm.id);
    expect(await view(server, stolen, bearer(thief))).toBe(403);
    expect(await view(server, stolen, bearer(bo))).toBe(403);
  }
  const anonymous = await view(server, await ticketFor(bo, vm.id), {});
  expect([401, 403]).toContain(anonymous);
  expect(await view(server, { path: `/api/v1/vms/${vm.id}/console?ticket=guessed` }, bearer(bo))).toBe(403);
});

test('another site’s page cannot use the browser’s session @S3', async ({ server, bo }) => {
  const { cookie } = bo;
  const ours = new URL(server.url).origin;
  const from = async (headers: Record<string, string>) =>
    view(server, await ticketFor(bo, vm.id), { cookie, ...headers });
  expect(await from({ origin: 'https://evil.example' })).toBe(403);
  expect(await from({ origin: 'null' })).toBe(403);
  expect(await from({ origin: ours, 'sec-fetch-site': 'cross-site' })).toBe(403);
  const own = await from({ origin: ours });
  expect(typeof own).toBe('object');
  if (typeof own === 'object') {
    await greets(own);
    own.socket.close();
  }
});

test('a ticket is of no use after half a minute @S3', async ({ server, bo }) => {
  await expect.poll(() => Date.now() > early.expiresAt, { timeout: 35_000 }).toBe(true);
  expect(await view(server, early, bearer(bo))).toBe(403);
});

test('the console ends with its VM, and says so @S3', async ({ server, bo, bosPage }) => {
  await booted(bo, vm.id);
  const viewer = await watchScreen(server, bo, vm.id);
  await greets(viewer);
  const unused = await ticketFor(bo, vm.id);
  await bosPage.goto(`${server.url}/projects/${projectId}/vms/${vm.id}`);
  await expect(bosPage.locator('canvas').first()).toBeVisible();
  const stop = await bo.rest.expect<RestJob>(202, 'POST', `/api/v1/vms/${vm.id}/actions`, {
    action: 'stop',
    graceSeconds: 0,
  });
  await bo.rest.done(stop.id);
  expect(await viewer.closed).toBe('4001 vm_stopped');
  await expect(bosPage.locator('canvas')).toHaveCount(0);
  expect(await view(server, unused, bearer(bo))).toBe(403);
  await bo.rest.expect(409, 'POST', `/api/v1/vms/${vm.id}/console`);
});
