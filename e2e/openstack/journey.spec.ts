/** The main job by mouse on a real OpenStack: the cloud is added on the page, the rest goes as on this machine. */
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
} from '../stacks/camera-journey';
import { cloudsYaml, holdingsOf } from '../stacks/cloud';
import { removeDataDir, startServer, type RunningServer } from '../stacks/edgeyard';
import { consoleErrors, expect, test } from '../stacks/test';

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

test('a VM app from nothing to the store, on OpenStack, by mouse @S2 @S3 @S4 @S5 @S6 @S7 @S8 @S11 @S12', async ({
  page,
}) => {
  const errors = consoleErrors(page);
  const before = await holdingsOf('developer');
  writeFileSync(join(folder, 'model weights.bin'), randomBytes(1024 * 1024));

  await test.step('the administrator is created by the one-time link', () =>
    createAdministrator(page, server));

  await test.step('the cloud is added from its clouds.yaml, and tested', async () => {
    await page.goto(`${server.url}/admin/sites`);
    await page.getByRole('link', { name: 'Add a site' }).first().click();
    await page.getByLabel('Or paste its text').fill(cloudsYaml());
    await page.getByRole('button', { name: 'Take over' }).click();
    await page.getByRole('radio', { name: 'developer' }).check();
    await page.getByRole('textbox', { name: /^Name/ }).fill('Town cloud');
    await page.getByRole('button', { name: 'Test the connection' }).click();
    await expect(page.getByText('Tested: everything needed answers.')).toBeVisible({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Add the site' }).click();
    await expect(page.getByRole('cell', { name: /Town cloud/ }).first()).toBeVisible();
    await expect(page.getByText('Ready').first()).toBeVisible({ timeout: 60_000 });
  });

  await test.step('a project', async () => {
    await page.getByRole('link', { name: 'Workbench' }).first().click();
    await makeCameraProject(page);
  });

  await test.step('a VM on the cloud', async () => {
    await page.getByRole('link', { name: 'New VM' }).first().click();
    await page.getByRole('radio', { name: /Town cloud/ }).check();
    await page.getByRole('radio', { name: 'Tiny Linux' }).first().check();
    await page.getByRole('radio', { name: /edge\.tiny/ }).check();
    await page.getByLabel('Network 1').selectOption({ label: 'provider (shared)' });
    await expect(page.getByText('Fits', { exact: true })).toBeVisible();
    await page.getByRole('button', { name: 'Create', exact: true }).dblclick();
    await expect(page.getByRole('heading', { level: 1, name: 'edge-camera-1' })).toBeVisible();
    await expect(page.getByText(/Login prompt after/)).toBeVisible({ timeout: 180_000 });
  });

  await test.step('its console, typed into', () => typeIntoConsole(page));
  await test.step('a file uploaded', () => uploadIntoVm(page, join(folder, 'model weights.bin')));
  await test.step('captured', () => captureCamera(page, 240));
  await test.step('packed', () => packCamera(page));
  await test.step('deployed as a stack, and removed', async () => {
    const packages = page.url();
    await page.getByRole('table').getByRole('link', { name: 'Edge camera' }).click();
    await page.getByRole('link', { name: 'Deploy', exact: true }).click();
    await page.getByRole('radio', { name: /Town cloud/ }).check();
    await expect(page.getByText('Nothing stands in the way.')).toBeVisible();
    await page.getByRole('button', { name: 'Deploy', exact: true }).click();
    // Outputs are told as soon as the stack is there; its job says "Running" long before.
    await expect(page.getByText(/^10\.77\.1\.\d+$/).first()).toBeVisible({ timeout: 180_000 });
    await expect(page.getByText('Running', { exact: true }).first()).toBeVisible();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Deployments' })).toBeVisible({
      timeout: 90_000,
    });
    await page.goto(packages);
  });
  await test.step('published', () => publishCamera(page));
  await test.step('found in the store by a guest, downloaded, checked independently', () =>
    downloadAsGuest(page, server, folder));

  await test.step('the VM deleted; the cloud is as it was', async () => {
    await page.getByRole('link', { name: 'Workbench' }).first().click();
    await expect(page.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible();
    await page
      .getByRole('link', { name: /Edge camera/ })
      .first()
      .click();
    await page.getByRole('link', { name: 'edge-camera-1' }).first().click();
    await page.getByRole('button', { name: 'More actions for edge-camera-1' }).first().click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await expect.poll(() => holdingsOf('developer'), { timeout: 90_000 }).toEqual(before);
  });
  expect(errors).toEqual([]);
});
