/** The main job as a person does it with a mouse: from the one-time link to the app in the store. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  captureCamera,
  createAdministrator,
  downloadAsGuest,
  makeCameraProject,
  packCamera,
  publishCamera,
  typeIntoConsole,
  uploadIntoVm,
} from './stacks/camera-journey';
import { sha256, sha256OfBytes } from './stacks/csar';
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

  await test.step('the administrator is created by the one-time link', () =>
    createAdministrator(page, server));
  await test.step('a project', () => makeCameraProject(page));

  await test.step('a VM, asked for twice by a double click', async () => {
    await page.getByRole('link', { name: 'New VM' }).first().click();
    await page.getByRole('radio', { name: 'Tiny Linux' }).check();
    await page.getByRole('radio', { name: 'Nano' }).check();
    await expect(page.getByText('Fits', { exact: true })).toBeVisible();
    await page.getByRole('button', { name: 'Create', exact: true }).dblclick();
    await expect(page.getByRole('heading', { level: 1, name: 'edge-camera-1' })).toBeVisible();
    await expect(page.getByText(/Login prompt after/)).toBeVisible({ timeout: 90_000 });
  });

  await test.step('its console, typed into', () => typeIntoConsole(page));
  await test.step('a file uploaded', () => uploadIntoVm(page, join(folder, 'model weights.bin')));
  await test.step('captured', () => captureCamera(page));

  await test.step('proved by booting it', async () => {
    await page.getByRole('button', { name: 'Boot it' }).first().click();
    await expect(page.getByRole('img', { name: /boot|screen|picture/i }).first()).toBeVisible({
      timeout: 120_000,
    });
  });

  await test.step('packed', () => packCamera(page));
  await test.step('published', () => publishCamera(page));
  await test.step('found in the store by a guest, downloaded, checked independently', () =>
    downloadAsGuest(page, server, folder));
  expect(errors).toEqual([]);
  expect(sha256OfBytes(content)).toBe(sha256(join(folder, 'model weights.bin')));
});
