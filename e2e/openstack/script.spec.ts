/** The main job by script alone, on a real OpenStack; afterwards the project there is as it was before. */
import { addCloud, cloudRequest, holdingsOf } from '../stacks/cloud';
import type { RestJob } from '../stacks/rest';
import { appByScript } from '../stacks/script-journey';
import { expect, test } from '../stacks/test';
import { bootVm, makeProject, removeProject } from '../stacks/vms';

test('from a project to a release in the store, by script, on OpenStack @S2 @S4 @S5 @S7 @S8 @S10', async ({
  ada,
  bo,
  server,
}) => {
  const before = await holdingsOf('developer');
  const siteId = await addCloud(ada);
  await appByScript(bo, server, (name) => cloudRequest(bo, siteId, name));
  expect(await holdingsOf('developer')).toEqual(before);
});

test('a VM given up while it is made leaves nothing @S8', async ({ ada, bo }) => {
  const before = await holdingsOf('developer');
  const siteId = await addCloud(ada, 'developer', 'Given up');
  const projectId = await makeProject(bo);
  const job = await bo.rest.expect<RestJob>(
    202,
    'POST',
    `/api/v1/projects/${projectId}/vms`,
    await cloudRequest(bo, siteId, 'given-up'),
  );
  await bo.rest.until(
    () => holdingsOf('developer'),
    (holdings) => holdings.some((each) => each.startsWith('server ')),
  );
  await bo.rest.expect(200, 'POST', `/api/v1/jobs/${job.id}/cancel`);
  await bo.rest.until(
    async () => (await bo.rest.call<RestJob>('GET', `/api/v1/jobs/${job.id}`)).body,
    ({ state }) => state === 'cancelled',
  );
  expect(await holdingsOf('developer')).toEqual(before);
  await removeProject(bo, projectId);
});

test('a VM nobody can reach says which hop fails, and the fix opens it for files and tools @S4 @S9', async ({
  ada,
  bo,
}) => {
  const siteId = await addCloud(ada, 'developer', 'Closed');
  const projectId = await makeProject(bo);
  const request = await cloudRequest(bo, siteId, 'closed');
  const vm = await bootVm(bo, projectId, {
    ...request,
    cloud: { moreNetworks: [], securityGroupIds: [], openPorts: [] },
  });
  interface Reach {
    hops: { hop: string; ok: boolean }[];
    fixes: { kind: string }[];
  }
  const path = `/api/v1/vms/${vm.id}/reach`;
  const closed = await bo.rest.expect<Reach>(200, 'GET', path);
  expect(closed.hops.find(({ ok }) => !ok)?.hop).toBe('securityGroup');
  expect(closed.fixes).toContainEqual(expect.objectContaining({ kind: 'openPort' }));
  await bo.rest.expect<Reach>(200, 'POST', path, { fix: 'openPort' });
  await bo.rest.until(
    async () => (await bo.rest.call<Reach>('GET', path)).body,
    ({ hops }) => hops.every(({ ok }) => ok),
  );
  const files = await bo.rest.call('GET', `/api/v1/vms/${vm.id}/files`);
  expect(files.status).toBe(200);

  // Tools go the same way.
  const tools = `/api/v1/vms/${vm.id}/tools`;
  const install = await bo.rest.expect<RestJob>(202, 'POST', `${tools}/edgeyard-agent`);
  await bo.rest.done(install.id);
  const installed = await bo.rest.expect<{ tools: { toolId: string; state: string }[] }>(200, 'GET', tools);
  expect(installed.tools).toContainEqual(
    expect.objectContaining({ toolId: 'edgeyard-agent', state: 'installed' }),
  );
  await removeProject(bo, projectId);
});
