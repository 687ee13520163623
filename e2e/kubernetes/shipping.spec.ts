/** Shipping as an operator does it in the pages: planned, distributed, deployed, upgraded, brought back, taken away. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { startDocker } from '../stacks/docker/docker';
import { addDockerEdge, expect, test } from '../stacks/edge-server';
import { faultsOfPages } from '../stacks/looks';
import { distribute, syncRelease } from '../stacks/operations';
import { signIn, type Person } from '../stacks/people';
import { consoleErrors } from '../stacks/test';
import { testImage } from '../stacks/test-image';
import { picture } from '../stacks/tour';
import { makeProject } from '../stacks/vms';
import { expectAnswer, publishVersion, saveManifests, sendArchive, webManifests } from '../stacks/web-app';

const run = promisify(execFile);

test('a release goes to an edge, runs, is upgraded, brought back and taken away, all in the pages', async ({
  browser,
  context,
  server,
  ada,
}) => {
  test.setTimeout(600_000);
  const docker = await startDocker();
  try {
    const edge = await addDockerEdge(ada, 'Harbour', docker);
    await ada.rest.expect(200, 'POST', '/api/v1/edges/import', {
      format: 'yaml',
      text: '- name: Island\n  kind: docker\n  config: { endpoint: tcp://127.0.0.1:9, tls: false }\n',
    });
    const publish = openProject(ada, 'Weather station');
    const first = await syncRelease(ada, await publish('1', 'one'));
    const second = await syncRelease(ada, await publish('2', 'two'));

    await signIn(context, server, ada);
    const page = await context.newPage();
    const errors = consoleErrors(page);
    const distribution = await distributeInPages(page, server.url);
    const deployment = await deployInPages(page, `${server.url}/deployments/new?release=${first.id}`);
    await expect(page.getByRole('log')).toContainText('listening on');

    await takePictures(page, server.url, ada, [first.id, second.id], docker.socket);
    await distribute(ada, [second.id], [edge]);
    await upgradeInPages(page, new URL(deployment, server.url).href);
    await rollBackInPages(page);

    const paths = {
      distributions: '/operations/distributions',
      distribution,
      'plan of a distribution': `/operations/distributions/new?releases=${first.id},${second.id}&edges=${edge}`,
      deployment,
      'upgrade of a deployment': `${deployment}/upgrade`,
      'new release deployment': `/deployments/new?release=${first.id}&edges=${edge}`,
    };
    expect(await faultsOfPages(browser, server, ada, paths)).toEqual([]);

    await page.getByRole('button', { name: 'Delete' }).click();
    const asking = page.getByRole('dialog');
    await expect(asking).toContainText('What the containers wrote');
    await asking.getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByRole('heading', { name: 'Deployments', level: 1 })).toBeVisible();
    const engine = ['--host', `unix://${docker.socket}`];
    expect((await run('docker', [...engine, 'ps', '--all', '--quiet'])).stdout).toBe('');
    expect(errors).toEqual([]);
  } finally {
    await docker.stop();
  }
});

/** Makes a project. @returns publishes a version of its one image */
function openProject(person: Person, name: string): (tag: string, says: string) => Promise<string> {
  const project = makeProject(person, name, 'container');
  return async (tag, says) => {
    const projectId = await project;
    const image = testImage({ seed: name, version: says });
    await sendArchive(person, projectId, image.dockerArchive(`acme/web:${tag}`));
    await saveManifests(person, projectId, webManifests(tag));
    return await publishVersion(person, projectId, `${tag}.0`);
  };
}

/** Plans the first release to both edges, starts it, and tries again what cannot work. @returns the page's path */
async function distributeInPages(page: Page, url: string): Promise<string> {
  await page.goto(`${url}/operations/distributions/new`);
  await page.getByRole('checkbox', { name: 'Weather station 1.0' }).check();
  // Other tests of this server may have left edges of theirs.
  for (const name of ['Harbour', 'Island'])
    await page.getByRole('region', { name: 'Edges' }).getByRole('checkbox', { name }).check();
  await page.getByRole('button', { name: 'See the plan' }).click();
  const plan = page.getByRole('grid', { name: 'What is where' });
  await expect(
    plan.getByRole('gridcell', { name: /^Harbour · Weather station 1\.0 · Missing/ }),
  ).toBeVisible();
  await expect(page.getByText('1 edge gives no answer')).toBeVisible();
  // By keys alone: the first cell, its neighbour below, its sheet.
  await plan.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: /^Island/ })).toContainText('cannot be reached');
  await page.keyboard.press('Escape');
  await expect(plan).toBeFocused();
  await page.getByRole('button', { name: 'Ask the edges again' }).click();
  await page.getByRole('button', { name: 'Distribute', exact: true }).click();

  await expect(page.getByRole('heading', { name: 'Weather station 1.0 to 2 edges' })).toBeVisible();
  const cells = page.getByRole('grid', { name: 'Releases at edges' });
  await expect(cells.getByRole('gridcell', { name: /^Harbour .* Brought there/ })).toBeVisible({
    timeout: 120_000,
  });
  await expect(cells.getByRole('gridcell', { name: /^Island .* Failed/ })).toBeVisible({ timeout: 120_000 });
  const failures = page.getByRole('region', { name: 'Failures by cause' });
  await failures.getByRole('button', { name: 'Try these again' }).click();
  await expect(page.getByText('1 is tried again.')).toBeVisible();
  await cells.getByRole('gridcell', { name: /^Harbour/ }).click();
  // By key: what is pressed in the sheet is not for the cells behind it.
  await page.getByRole('dialog').getByRole('button', { name: 'Log' }).press('Enter');
  const log = page.getByRole('dialog', { name: 'Log' });
  await expect(log.getByRole('log')).toContainText('sha256:');
  await page.keyboard.press('Escape');
  return new URL(page.url()).pathname;
}

/** Deploys a release where it is. @returns the path of the deployment's page, which shows its log */
async function deployInPages(page: Page, address: string): Promise<string> {
  await page.goto(address);
  await page.getByRole('checkbox', { name: 'Harbour' }).check();
  const summary = page.getByRole('complementary', { name: 'Where it will run' });
  await expect(summary.getByText('Nothing stands in the way.')).toBeVisible();
  await expect(page.getByRole('region', { name: 'What will be made' })).toContainText('Deployment');
  await expect(page.getByLabel('Name')).toHaveValue('weather-station');
  await summary.getByRole('button', { name: 'Deploy' }).click();
  await expect(page.getByRole('heading', { name: 'weather-station', level: 1 })).toBeVisible();
  await expectVersion(page, 'one');
  await page.getByRole('button', { name: 'Logs' }).first().click();
  return new URL(page.url()).pathname;
}

/** Places of the README's tour: degrees north, degrees east. */
const places: Record<string, [number, number]> = {
  'Hamburg terminal': [53.55, 9.99],
  'Lyon warehouse': [45.76, 4.84],
  'Montréal metro': [45.5, -73.57],
  'Nairobi clinic': [-1.29, 36.82],
  'Shenzhen line 3': [22.54, 114.06],
  'Valparaíso port': [-33.05, -71.61],
};

/** The map and the matrix of the README's tour, with edges around the world that are one engine. */
async function takePictures(page: Page, url: string, admin: Person, releases: string[], socket: string) {
  const entries = Object.entries(places).map(([name, [latitude, longitude]]) =>
    [
      `- name: ${name}`,
      '  kind: docker',
      `  config: { endpoint: "unix://${socket}" }`,
      `  place: { address: ${name.split(' ')[0]}, latitude: ${latitude}, longitude: ${longitude} }`,
    ].join('\n'),
  );
  const imported = await admin.rest.expect<{ edges: { edgeId: string }[] }>(
    200,
    'POST',
    '/api/v1/edges/import',
    { format: 'yaml', text: entries.join('\n') },
  );
  const ids = imported.edges.map(({ edgeId }) => edgeId);
  try {
    await page.goto(
      `${url}/operations/distributions/new?releases=${releases.join(',')}&edges=${ids.join(',')}`,
    );
    const older = page.getByRole('gridcell', { name: /Older/ });
    await expect(older).toHaveCount(ids.length);
    await picture(page, 'distribution');
    await page.goto(`${url}/operations`);
    const map = page.getByRole('group', { name: 'Map of the edges' });
    await expect(map.getByRole('button', { name: /^Nairobi clinic/ })).toBeVisible();
    await picture(page, 'operations');
  } finally {
    for (const id of ids) await admin.rest.expect(204, 'DELETE', `/api/v1/sites/${id}`);
  }
}

async function upgradeInPages(page: Page, deployment: string): Promise<void> {
  await page.goto(deployment);
  await page.getByRole('link', { name: 'Upgrade' }).click();
  await expect(page.getByRole('radio', { name: /^2\.0/ })).toBeChecked();
  const difference = page.getByRole('region', { name: 'What changes' }).last();
  await expect(difference).toContainText('Removed:');
  await expect(difference).toContainText('acme/web:2');
  await page.getByRole('button', { name: 'Upgrade' }).click();
  await expect(page.getByRole('heading', { name: 'weather-station', level: 1 })).toBeVisible();
  await expect(page.getByText('Weather station 2.0 · Harbour')).toBeVisible({ timeout: 120_000 });
  await expectVersion(page, 'two');
}

async function rollBackInPages(page: Page): Promise<void> {
  const revisions = page.getByRole('region', { name: 'Revisions' });
  await revisions.getByRole('button', { name: 'Roll back' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
  await expect(page.getByText('Weather station 1.0 · Harbour')).toBeVisible({ timeout: 120_000 });
  await expect(revisions.getByRole('listitem')).toHaveCount(3);
  await expectVersion(page, 'one');
}

/** Waits until all of the app runs, and answers with its version at the address that its page names. */
async function expectVersion(page: Page, version: string): Promise<void> {
  await expect(page.getByText('Running', { exact: true })).toBeVisible({ timeout: 120_000 });
  const link = page.getByRole('region', { name: 'Reachable at' }).getByRole('link').first();
  await expectAnswer(async () => (await link.getAttribute('href')) ?? '', `version ${version}`);
}
