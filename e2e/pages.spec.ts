/** Every page as people with other eyes, hands, screens and languages meet it. */
import { faultsOfPages } from './stacks/looks';
import type { RestJob } from './stacks/rest';
import { expect, test } from './stacks/test';
import { bootTiny, makeProject, removeProject, tinyImage } from './stacks/vms';

test('every page is usable: WCAG AA, no sideways scrolling, one heading, no errors', async ({
  browser,
  server,
  ada,
}) => {
  test.setTimeout(600_000);
  const projectId = await makeProject(ada);
  const vm = await bootTiny(ada, projectId);
  const image = await tinyImage(ada);
  const project = `/projects/${projectId}`;
  const vmPage = `${project}/vms/${vm.id}`;
  const build = await ada.rest.expect<RestJob>(202, 'POST', `/api/v1/projects/${projectId}/packages`, {
    version: '1.0',
    images: 'reference',
  });
  const { packageId } = (await ada.rest.done(build.id)).result as { packageId: string };
  const publish = await ada.rest.expect<RestJob>(202, 'POST', `/api/v1/packages/${packageId}/publish`, {
    type: 'Video Application',
    industry: 'Smart Park',
    notes: 'The **first** release.',
  });
  const { appId } = (await ada.rest.done(publish.id)).result as { appId: string };
  const pages = {
    projects: '/projects',
    'new project': '/projects/new',
    project,
    'project VMs': `${project}/vms`,
    'project packages': `${project}/packages`,
    'project settings': `${project}/settings`,
    'new VM': `${project}/vms/new`,
    console: vmPage,
    files: `${vmPage}?tab=files`,
    tools: `${vmPage}?tab=tools`,
    'console log': `${vmPage}?tab=serial`,
    details: `${vmPage}?tab=details`,
    images: '/images',
    image: `/images/${image}`,
    'new image': '/images/new',
    activity: '/activity',
    job: `/activity/${publish.id}`,
    package: `${project}/packages/${packageId}`,
    app: `/store/apps/${appId}`,
    deployments: '/deployments',
    'new deployment': `/deployments/new?package=${packageId}`,
    'new release deployment': '/deployments/new',
    distributions: '/operations/distributions',
    'new distribution': '/operations/distributions/new',
    'console window': `/console/${vm.id}`,
    account: '/account',
    users: '/admin/users',
    tokens: '/admin/tokens',
    sites: '/admin/sites',
    'new site': '/admin/sites/new',
    'admin registries': '/admin/registries',
    'change registry': '/admin/registries/operations',
    registry: '/registries/workbench',
    audit: '/admin/audit',
    'tool catalogue': '/admin/tools',
    settings: '/admin/settings',
    API: '/api-docs',
    store: '/store',
    'not found': '/nowhere',
  };
  const faults = await faultsOfPages(browser, server, ada, pages, { 'sign in': '/sign-in' });
  await removeProject(ada, projectId);
  expect(faults).toEqual([]);
});
