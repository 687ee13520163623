/** The server is killed in the middle of its work, and the next start makes it whole. */
import { randomBytes } from 'node:crypto';
import { sha256OfBytes } from './stacks/csar';
import { removeDataDir, startServer, virtualMachinesOf, type RunningServer } from './stacks/edgeyard';
import { becomeAdministrator, type Person } from './stacks/people';
import { restClient, type RestJob } from './stacks/rest';
import { expect, test } from './stacks/test';
import { announce, tusUpload } from './stacks/tus';
import { booted, bootTiny, makeProject, tinyRequest, type TestVm } from './stacks/vms';

let server: RunningServer;
let ada: Person;
let projectId: string;
let vm: TestVm;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
  server = await startServer();
  ada = await becomeAdministrator(server);
  projectId = await makeProject(ada);
  vm = await bootTiny(ada, projectId);
});
test.afterAll(async () => {
  await server.stop();
  removeDataDir(server.dataDir);
});

/** kill -9 and a new process on the same data and port; people keep their sessions and tokens. */
async function crash(): Promise<void> {
  const { dataDir, url } = server;
  await server.kill();
  server = await startServer({ dataDir, port: Number(new URL(url).port) });
  ada = { ...ada, rest: restClient(server, ada.token) };
}

const filesOf = async () => {
  const { body } = await ada.rest.call<{ entries: { name: string; size: number }[] }>(
    'GET',
    `/api/v1/vms/${vm.id}/files`,
  );
  return body.entries;
};
const jobOf = async (id: string) => (await ada.rest.call<RestJob>('GET', `/api/v1/jobs/${id}`)).body;

test('VMs survive and are taken over; one that died meanwhile is stopped, with the reason @S2', async () => {
  const before = virtualMachinesOf(server.dataDir);
  await crash();
  expect(virtualMachinesOf(server.dataDir)).toEqual(before);
  const adopted = await ada.rest.expect<{ state: string }>(200, 'GET', `/api/v1/vms/${vm.id}`);
  expect(adopted.state).toBe('running');

  const { dataDir, url } = server;
  await server.kill();
  for (const pid of virtualMachinesOf(dataDir)) process.kill(pid, 'SIGKILL');
  server = await startServer({ dataDir, port: Number(new URL(url).port) });
  ada = { ...ada, rest: restClient(server, ada.token) };
  const died = await ada.rest.expect<{ state: string; reason?: string }>(200, 'GET', `/api/v1/vms/${vm.id}`);
  expect(died.state).toBe('stopped');
  expect(died.reason).toBeTruthy();
  await ada.rest.call('POST', `/api/v1/vms/${vm.id}/actions`, { action: 'start' });
  await booted(ada, vm.id);
});

test('killed in the middle of creating a VM: it goes on @S2', async () => {
  const job = await ada.rest.expect<RestJob & { subject: { id: string } }>(
    202,
    'POST',
    `/api/v1/projects/${projectId}/vms`,
    await tinyRequest(ada, 'second'),
  );
  await crash();
  await ada.rest.done(job.id);
  await booted(ada, job.subject.id);
  expect(virtualMachinesOf(server.dataDir)).toHaveLength(2);
  const removal = await ada.rest.expect<RestJob>(202, 'DELETE', `/api/v1/vms/${job.subject.id}`);
  await ada.rest.done(removal.id);
  expect(virtualMachinesOf(server.dataDir)).toHaveLength(1);
});

test('killed in the middle of an upload: it goes on from what arrived @S4', async () => {
  const content = randomBytes(48 * 1024 * 1024);
  const path = `/api/v1/vms/${vm.id}/files/uploads`;
  const upload = await announce(ada, path, content.length, {
    filename: 'half.bin',
    checksum: sha256OfBytes(content),
  });
  const sending = upload.send(0, content).catch(() => undefined);
  // The part lies in the guest and grows there.
  await ada.rest.until(filesOf, (files) =>
    files.some(({ name, size }) => name.includes('half.bin') && size > 0),
  );
  await crash();
  await sending;

  const again = tusUpload(ada, upload.location);
  const offset = await ada.rest.until(
    () => again.offset(),
    (value) => Number.isFinite(value),
  );
  expect(offset).toBeLessThan(content.length);
  const response = await again.send(offset, content.subarray(offset));
  expect(response.status).toBe(204);
  const files = await ada.rest.until(filesOf, (found) => found.some(({ name }) => name === 'half.bin'));
  expect(files.filter(({ name }) => name.includes('half.bin'))).toHaveLength(1);
  const back = await ada.rest.fetch(`/api/v1/vms/${vm.id}/files/content?path=half.bin`);
  expect(sha256OfBytes(Buffer.from(await back.arrayBuffer()))).toBe(sha256OfBytes(content));
});

test('killed in the middle of capture, package and publish: each ends whole @S9 @S10 @S11', async () => {
  const capture = await ada.rest.expect<RestJob>(202, 'POST', `/api/v1/vms/${vm.id}/capture`, {
    name: 'Crashed',
  });
  await ada.rest.until(
    () => jobOf(capture.id),
    ({ steps }) => steps.some(({ name, state }) => name === 'copy' && state !== 'waiting'),
  );
  await crash();
  const { imageId } = (await ada.rest.done(capture.id)).result as { imageId: string };
  const image = await ada.rest.expect<{ digest: string }>(200, 'GET', `/api/v1/images/${imageId}`);
  const bytes = Buffer.from(await (await ada.rest.fetch(`/api/v1/images/${imageId}/content`)).arrayBuffer());
  expect(`sha256:${sha256OfBytes(bytes)}`).toBe(image.digest);

  const build = await ada.rest.expect<RestJob>(202, 'POST', `/api/v1/projects/${projectId}/packages`, {
    version: '1.0',
    imageOfVm: { [vm.name]: imageId },
  });
  await crash();
  const { packageId } = (await ada.rest.done(build.id)).result as { packageId: string };

  const notes = { type: 'Video Application', industry: 'Smart Park', notes: '' };
  const publish = await ada.rest.expect<RestJob>(202, 'POST', `/api/v1/packages/${packageId}/publish`, notes);
  await crash();
  const release = (await ada.rest.done(publish.id)).result as { releaseId: string; digest: string };
  const csar = await ada.rest.fetch(`/api/v1/store/releases/${release.releaseId}/content`);
  expect(`sha256:${sha256OfBytes(Buffer.from(await csar.arrayBuffer()))}`).toBe(release.digest);
});
