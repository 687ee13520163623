/** What a person does with the mouse between the one-time link and the store, the same on every kind of site. */
import { basename, join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import { checkCsar, sha256, sha256OfBytes } from './csar';
import type { RunningServer } from './edgeyard';

/** Opens the one-time link and creates the administrator. */
export async function createAdministrator(page: Page, server: RunningServer): Promise<void> {
  await page.goto(server.setupLink ?? '');
  await page.getByLabel('Name').fill('Ada');
  await page.getByLabel('E-mail').fill('ada@example.org');
  await page.getByLabel('Password', { exact: true }).fill('correct horse battery staple');
  await page.getByRole('button', { name: /create/i }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible();
}

/** Makes the project "Edge camera". */
export async function makeCameraProject(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'New project' }).first().click();
  await page.getByLabel('Name', { exact: false }).first().fill('Edge camera');
  await page.getByLabel('Provider').fill('Example');
  await page.getByRole('button', { name: 'Create project' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Edge camera' })).toBeVisible();
}

/** Types into the console of the VM whose page is open, and sees the picture change. */
export async function typeIntoConsole(page: Page): Promise<void> {
  await expect(page.locator('canvas')).toBeVisible();
  const before = await pictureOf(page);
  await page.getByRole('button', { name: 'Type text' }).click();
  await page.getByLabel('Text', { exact: true }).fill('\necho hello from the page\n');
  await page.getByRole('dialog').getByRole('button', { name: 'Type', exact: true }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect.poll(() => pictureOf(page)).not.toBe(before);
}

/** Uploads a file into the VM whose page is open. @param seconds how long both ends may take to be proved equal */
export async function uploadIntoVm(page: Page, path: string, seconds = 60): Promise<void> {
  await page.getByRole('tab', { name: 'Files' }).click();
  await page.locator('input[type=file]').first().setInputFiles(path);
  await expect(page.getByText('SHA-256 equal at both ends')).toBeVisible({
    timeout: seconds * 1000,
  });
  await expect(page.getByRole('table').getByText(basename(path))).toBeVisible();
}

/** Captures the VM whose page is open, and opens the page of the image. */
export async function captureCamera(page: Page, seconds = 120): Promise<void> {
  await page.getByRole('button', { name: 'Capture' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name of the image').fill('Camera image');
  await dialog.getByRole('button', { name: 'Capture', exact: true }).click();
  await expect(dialog.getByText('The image is ready')).toBeVisible({ timeout: seconds * 1000 });
  await dialog.getByRole('link', { name: 'Open the image' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Camera image' })).toBeVisible();
}

/** Builds the package of "Edge camera" with the captured image. */
export async function packCamera(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Workbench' }).first().click();
  // The page that is being left names the project as well.
  await expect(page.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible();
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
}

/** Publishes the package whose page is open, and opens the app in the store. */
export async function publishCamera(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Publish' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Release notes').fill('The first release.');
  await dialog.getByRole('button', { name: 'Publish', exact: true }).click();
  await dialog.getByRole('link', { name: 'See it in the store' }).click({ timeout: 60_000 });
  await expect(page.getByRole('heading', { level: 1, name: 'Edge camera' })).toBeVisible();
}

/** Finds the app as a guest, downloads it, and checks it with other tools. @param folder where the download goes */
export async function downloadAsGuest(page: Page, server: RunningServer, folder: string): Promise<void> {
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
}

async function pictureOf(page: Page): Promise<string> {
  return sha256OfBytes(await page.locator('canvas').screenshot());
}
