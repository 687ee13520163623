/** A container app by mouse: from an archive to pods on a real cluster, to the store, and out of it into another engine. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { startDocker } from '../stacks/docker/docker';
import { addCluster, expect, openRegistryToNodes, test } from '../stacks/edge-server';
import { testImage } from '../stacks/test-image';
import { expectAnswer, pulledFromStore, webManifests } from '../stacks/web-app';

const run = promisify(execFile);

test('a container app from an archive to the store, by mouse @S13 @S16 @S17 @S18 @S19', async ({
  bosPage: page,
  ada,
  server,
}) => {
  const registry = await openRegistryToNodes(ada);
  await addCluster(ada, 'edge1');
  const folder = mkdtempSync(join(tmpdir(), 'journey-'));
  const archive = join(folder, 'web.tar');
  writeFileSync(
    archive,
    testImage({ seed: `${registry} journey`, version: 'one' }).dockerArchive('acme/web:1'),
  );
  try {
    await test.step('a project of containers', async () => {
      await page.goto(`${server.url}/projects/new`);
      await page.getByLabel('Name', { exact: false }).first().fill('Corner shop');
      await page.getByLabel('Provider').fill('Example');
      await page.getByRole('radio', { name: /Containers/ }).check();
      await page.getByRole('button', { name: 'Create project' }).click();
      await expect(page.getByRole('heading', { level: 1, name: 'Corner shop' })).toBeVisible();
    });
    await test.step('its image is sent once, and the second time nothing is', () => sendTwice(page, archive));
    await test.step('its text is written, with what is wrong in it told', () => writeText(page));
    await test.step('it runs on the cluster', () => tryOut(page));
    await test.step('it is packed and published', () => publish(page));
    await test.step('the store hands it to another engine, which runs it', async () => {
      const place = await imageInStore(page);
      await pulledFromStore(ada, registry, `store/${place}`, async ({ folder: image, digest }) => {
        expect(place).toContain(digest);
        expect(await answerInDocker(image)).toContain('version one');
      });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

async function sendTwice(page: Page, archive: string): Promise<void> {
  await page
    .getByRole('link', { name: /^Images/ })
    .last()
    .click();
  const send = () => page.locator('input[type=file]').first().setInputFiles(archive);
  await send();
  const row = page.getByRole('row', { name: /acme\/web/ });
  await expect(row).toBeVisible({ timeout: 60_000 });
  await expect(row.getByText('linux/amd64')).toBeVisible();
  await send();
  await expect(page.getByText('Already there, nothing sent')).toBeVisible();
}

async function writeText(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Deployment', exact: true }).click();
  await page.getByRole('button', { name: 'Write manifests' }).click();
  const editor = page.getByRole('textbox', { name: 'Kubernetes manifests' });
  await editor.fill(webManifests().replace('replicas: 2', 'replicas: two'));
  await expect(page.getByText(/1 error/).first()).toBeVisible();
  await editor.fill(webManifests());
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Nothing is wrong with it.')).toBeVisible();
  await expect(page.getByText('Held').first()).toBeVisible();
}

async function tryOut(page: Page): Promise<void> {
  await page.getByRole('link', { name: /^Test/ }).click();
  await page
    .getByRole('button', { name: /^New test/ })
    .first()
    .click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: /edge1/ }).check();
  await dialog.getByRole('button', { name: 'Deploy', exact: true }).click();
  await expect(page.getByText('Ready', { exact: true }).first()).toBeVisible({ timeout: 120_000 });
  const address = page.getByRole('link', { name: /^http:/ }).first();
  await expect(address).toBeVisible();
  await expectAnswer(async () => (await address.getAttribute('href')) ?? '', 'version one');
  await expect(page.getByRole('heading', { name: 'Events' })).toBeVisible();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(page.getByText('Not tried out yet')).toBeVisible({ timeout: 60_000 });
}

async function publish(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Packages' }).click();
  await page.getByRole('button', { name: 'Build package' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Build', exact: true }).click();
  await expect(page.getByText('Verified')).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Publish' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Release notes').fill('The first release.');
  await dialog.getByRole('button', { name: 'Publish', exact: true }).click();
  await dialog.getByRole('link', { name: 'See it in the store' }).click({ timeout: 60_000 });
  await expect(page.getByRole('heading', { level: 1, name: 'Corner shop' })).toBeVisible();
}

/** @returns repository and digest of the app's image, as the store tells everybody */
async function imageInStore(page: Page): Promise<string> {
  const appId = page.url().split('/').at(-1) ?? '';
  const answer = await page.request.get(new URL(`/api/v1/store/apps/${appId}`, page.url()).href);
  const { history } = (await answer.json()) as {
    history: { locations: { artifact: { repository: string; digest: string } | null }[] }[];
  };
  const place = history[0]?.locations[0]?.artifact;
  return `${place?.repository}@${place?.digest}`;
}

/** Runs an image of a folder on a Docker host of the test's own. @returns what its web server answers */
async function answerInDocker(image: string): Promise<string> {
  const host = await startDocker();
  const engine = `unix://${host.socket}`;
  try {
    const docker = async (...words: string[]) =>
      (await run('docker', ['--host', engine, ...words])).stdout.trim();
    await run('skopeo', [
      'copy',
      `dir:${image}`,
      `docker-daemon:corner-shop:1`,
      '--dest-daemon-host',
      engine,
    ]);
    const id = await docker('run', '--detach', '--publish', '18080:8080', 'corner-shop:1');
    try {
      let answer = '';
      await expect
        .poll(async () => {
          answer = await fetch(`http://${host.address}:18080/`).then(
            (got) => got.text(),
            () => '',
          );
          return answer;
        })
        .not.toBe('');
      return answer;
    } finally {
      await docker('rm', '--force', id);
    }
  } finally {
    await host.stop();
  }
}
