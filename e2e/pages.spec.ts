/** Every page as people with other eyes, hands, screens and languages meet it. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { signIn } from './stacks/people';
import type { RestJob } from './stacks/rest';
import { consoleErrors, expect, test } from './stacks/test';
import { bootTiny, makeProject, removeProject, tinyImage } from './stacks/vms';

interface Look {
  name: string;
  width: number;
  height: number;
  colorScheme: 'light' | 'dark';
  locale: string;
}

const looks: Look[] = [
  { name: 'desktop light en', width: 1280, height: 800, colorScheme: 'light', locale: 'en-US' },
  { name: 'desktop dark zh', width: 1280, height: 800, colorScheme: 'dark', locale: 'zh-CN' },
  { name: 'phone dark en', width: 390, height: 844, colorScheme: 'dark', locale: 'en-US' },
  { name: 'phone light zh', width: 390, height: 844, colorScheme: 'light', locale: 'zh-CN' },
];

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
  const faults: string[] = [];
  for (const look of looks) {
    const { width, height, colorScheme, locale } = look;
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme,
      locale,
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    const errors = consoleErrors(page);
    for (const [name, path] of [['sign in', '/sign-in'], ...Object.entries(pages)] as [string, string][]) {
      if (name !== 'sign in') await signIn(context, server, ada);
      await page.goto(server.url + path);
      await settled(page);
      const found = await faultsOf(page);
      faults.push(...found.map((fault) => `${name}, ${look.name}: ${fault}`));
      await page.screenshot({ path: `.cache/pages/${look.name}/${name}.png`.replaceAll(' ', '-') });
    }
    faults.push(...errors.map((error) => `${look.name}: ${error}`));
    await context.close();
  }
  await removeProject(ada, projectId);
  expect(faults).toEqual([]);
});

/** Waits until a page shows its content: its heading, and nothing that is still loading. */
async function settled(page: Page): Promise<void> {
  await expect(page.locator('main h1').first()).toBeVisible();
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
}

async function faultsOf(page: Page): Promise<string[]> {
  const faults: string[] = [];
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze();
  for (const { id, nodes } of violations)
    faults.push(
      `${id}: ${nodes
        .map(({ target }) => target.join(' '))
        .slice(0, 3)
        .join(' | ')}`,
    );
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  if (sideways > 1) faults.push(`scrolls sideways by ${sideways} px`);
  const headings = await page.locator('main h1').count();
  if (headings !== 1) faults.push(`${headings} first headings`);
  const raw = await page.evaluate(
    () =>
      /\b[a-z]+\.[a-z]+[A-Z]?\w*\.[a-zA-Z.]+\b/.exec(document.querySelector('main')?.innerText ?? '')?.[0],
  );
  if (
    raw !== undefined &&
    /^(workbench|images|files|store|packages|deployments|jobs|access|tools|sites|console|ui|shell|problems|api|registries|adminRegistries)\./.test(
      raw,
    )
  )
    faults.push(`untranslated: ${raw}`);
  return faults;
}
