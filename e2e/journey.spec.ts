/** The main job as a person does it with a mouse: from the one-time link to the app in the store. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { checkCsar, sha256, sha256OfBytes } from './stacks/csar';
import { removeDataDir, startServer, type RunningServer } from './stacks/edgeyard';
import { consoleErrors, expect, test } from './stacks/test';

let server: RunningServer;
let folder: string;

test.beforeAll(async () => {
  server = await startServer();
  folder = mkdtempSync(join(tmpdir(), 'journey-'));
});
test.afterAll(async () => {
  await server.stop();
  removeDataDir(server.dataDir);
  rmSync(folder, { recursive: true, force: true });
});

test('a VM app from nothing to the store, by mouse @S1 @S2 @S3 @S4 @S5 @S6 @S9 @S10 @S11 @S12 @S22', async ({
  page,
}) => {
  test.setTimeout(420_000);
  const errors = consoleErrors(page);
  const content = randomBytes(1024 * 1024);
  writeFileSync(join(folder, 'model weights.bin'), content);

  await test.step('the administrator is created by the one-time link', async () => {
    await page.goto(server.setupLink ?? '');
    await page.getByLabel('Name').fill('Ada');
    await page.getByLabel('E-mail').fill('ada@example.org');
    await page.getByLabel('Password', { exact: true }).fill('correct horse battery staple');
    await page.getByRole('button', { name: /create/i }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible();
  });

  await test.step('a project', async () => {
    await page.getByRole('link', { name: 'New project' }).first().click();
    await page.getByLabel('Name', { exact: false }).first().fill('Edge camera');
    await page.getByLabel('Provider').fill('Example');
    await page.getByRole('button', { name: 'Create project' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Edge camera' })).toBeVisible();
  });

  await test.step('a VM, asked for twice by a double click', async () => {
    await page.getByRole('link', { name: 'New VM' }).first().click();
    await page.getByRole('radio', { name: 'Tiny Linux' }).check();
    await page.getByRole('radio', { name: 'Nano' }).check();
    await expect(page.getByText('Fits', { exact: true })).toBeVisible();
    await page.getByRole('button', { name: 'Create', exact: true }).dblclick();
    await expect(page.getByRole('heading', { level: 1, name: 'edge-camera-1' })).toBeVisible();
    await expect(page.getByText(/Login prompt after/)).toBeVisible({ timeout: 90_000 });
  });

  await test.step('its console, typed into', async () => {
    await expect(page.locator('canvas')).toBeVisible();
    const before = await pictureOf(page);
    await page.getByRole('button', { name: 'Type text' }).click();
    await page.getByLabel('Text', { exact: true }).fill('\necho hello from the page\n');
    await page.getByRole('dialog').getByRole('button', { name: 'Type', exact: true }).click();
    await expect(page.getByRole('dialog')).toBeHidden();
    await expect.poll(() => pictureOf(page)).not.toBe(before);
  });

  await test.step('a file uploaded', async () => {
    await page.getByRole('tab', { name: 'Files' }).click();
    await page.locator('input[type=file]').first().setInputFiles(join(folder, 'model weights.bin'));
    await expect(page.getByText('SHA-256 equal at both ends')).toBeVisible({ timeout: 60_000 });
    await expect(page.getByRole('table').getByText('model weights.bin')).toBeVisible();
  });

  await test.step('captured', async () => {
    await page.getByRole('button', { name: 'Capture' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name of the image').fill('Camera image');
    await dialog.getByRole('button', { name: 'Capture', exact: true }).click();
    await expect(dialog.getByText('The image is ready')).toBeVisible({ timeout: 120_000 });
    await dialog.getByRole('link', { name: 'Open the image' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Camera image' })).toBeVisible();
  });

  await test.step('proved by booting it', async () => {
    await page.getByRole('button', { name: 'Boot it' }).first().click();
    await expect(page.getByRole('img', { name: /boot|screen|picture/i }).first()).toBeVisible({
      timeout: 120_000,
    });
  });

  await test.step('packed', async () => {
    await page.getByRole('link', { name: 'Workbench' }).first().click();
    await page
      .getByRole('link', { name: /Edge camera/ })
      .first()
      .click();
    await page.getByRole('link', { name: 'Packages' }).click();
    await page.getByRole('button', { name: 'Build package' }).first().click();
    const dialog = page.getByRole('dialog');
    const images = dialog.getByLabel(/Image for/);
    const captured = await images.getByRole('option', { name: 'Camera image' }).getAttribute('value');
    await images.selectOption(captured);
    await dialog.getByRole('button', { name: 'Build', exact: true }).click();
    await expect(page.getByText('Verified')).toBeVisible({ timeout: 60_000 });
  });

  await test.step('published', async () => {
    await page.getByRole('button', { name: 'Publish' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Release notes').fill('The first release.');
    await dialog.getByRole('button', { name: 'Publish', exact: true }).click();
    await dialog.getByRole('link', { name: 'See it in the store' }).click({ timeout: 60_000 });
    await expect(page.getByRole('heading', { level: 1, name: 'Edge camera' })).toBeVisible();
  });

  await test.step('found in the store by a guest, downloaded, checked independently', async () => {
    const guest = await page.context().browser()?.newPage();
    if (!guest) throw new Error('no second browser window');
    await guest.goto(`${server.url}/store`);
    await guest.getByRole('searchbox').fill('camera');
    await guest.getByRole('link', { name: /Edge camera/ }).click();
    await expect(guest.getByText('The first release.')).toBeVisible();
    const downloading = guest.waitForEvent('download');
    await guest
      .getByRole('link', { name: /Download/ })
      .first()
      .click();
    const file = join(folder, 'app.csar');
    await (await downloading).saveAs(file);
    const facts = checkCsar(file);
    expect(facts).toBeTruthy();
    await expect(guest.getByText(sha256(file).slice(0, 8)).first()).toBeVisible();
    await guest.close();
  });
  expect(errors).toEqual([]);
  expect(sha256OfBytes(content)).toBe(sha256(join(folder, 'model weights.bin')));
});

async function pictureOf(page: Page): Promise<string> {
  return sha256OfBytes(await page.locator('canvas').screenshot());
}
