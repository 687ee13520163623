/** Administrators set and test a registry; machines push with logins of their own; people look and delete. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { testCa } from './stacks/certificates';
import { signIn, type Person } from './stacks/people';
import { startRegistry, type TestRegistry } from './stacks/registry';
import { consoleErrors, expect, test } from './stacks/test';
import { testImage } from './stacks/test-image';
import { makeProject } from './stacks/vms';

const run = promisify(execFile);
const password = 'open sesame';
let registry: TestRegistry;
let folder: string;

test.beforeAll(async () => {
  registry = await startRegistry({ tls: testCa(), htpasswd: { yard: password } });
  folder = mkdtempSync(join(tmpdir(), 'edgeyard-e2e-'));
});
test.afterAll(async () => {
  await registry.stop();
  rmSync(folder, { recursive: true, force: true });
});

const light = (page: Page, name: RegExp) =>
  page.getByRole('list', { name: 'What the test found' }).getByRole('listitem').filter({ hasText: name });

/** The address of the registry that comes with Edgeyard, once it answers. */
async function bundledAddress(ada: Person): Promise<string> {
  const { registries } = await ada.rest.until(
    () =>
      ada.rest.expect<{ registries: { state: string; address: string }[] }>(200, 'GET', '/api/v1/registries'),
    (all) => all.registries[0]?.state === 'ready',
  );
  return registries[0]?.address ?? '';
}

/** Puts an image there with skopeo, as a build server does. */
async function push(target: string, credentials: string): Promise<string> {
  const image = testImage({ sharedBytes: 2 ** 16 });
  const archive = join(folder, 'image.tar');
  writeFileSync(archive, image.ociArchive('camera:1.0'));
  const options = ['--dest-tls-verify=false', '--preserve-digests', '--dest-creds', credentials];
  await run('skopeo', ['copy', ...options, `oci-archive:${archive}`, `docker://${target}`]);
  return image.digest;
}

test('a registry of somebody else’s is tested, trusted, moved to and left again', async ({
  context,
  server,
  ada,
}) => {
  await bundledAddress(ada);
  await signIn(context, server, ada);
  const page = await context.newPage();
  const errors = consoleErrors(page);
  await page.goto(`${server.url}/admin/registries`);
  await page.getByRole('link', { name: 'Change the registry of Operations' }).click();

  await page.getByRole('radio', { name: /External/ }).check();
  await page.getByLabel('Address').fill(registry.url);
  await page.getByLabel('Path prefix').fill('team/edge');
  await page.getByLabel('User', { exact: false }).last().fill('yard');
  await page.getByRole('button', { name: 'Test the connection' }).click();
  await expect(page.locator('input[type=password]')).toBeFocused();
  await page.locator('input[type=password]').fill('guess');
  await page.getByRole('button', { name: 'Test the connection' }).click();
  await expect(page.getByText('It ends at: Certificate')).toBeVisible();
  await expect(light(page, /Login/)).toContainText('Not tried');

  await page.getByRole('button', { name: 'Trust this one and test again' }).click();
  await expect(page.getByText('It ends at: Login')).toBeVisible();
  await expect(page.getByLabel('The registry’s own authority')).toHaveValue(/BEGIN CERTIFICATE/);
  await expect(light(page, /Login/)).toContainText('does not accept the login');

  await page.locator('input[type=password]').fill(password);
  await expect(page.getByText('Not tested as it stands.')).toBeVisible();
  await page.getByRole('button', { name: 'Test again' }).click();
  await expect(page.getByText('The registry can be used.', { exact: true })).toBeVisible();
  await expect(light(page, /Pushing/)).toContainText('Nothing was left there.');

  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const card = page.getByRole('region', { name: 'Operations', exact: true });
  await expect(card).toContainText(registry.address);
  await expect(card).toContainText('yard, password stored');
  await expect(card).toContainText('Ready');
  await page.getByRole('link', { name: 'Change the registry of Operations' }).click();
  await expect(page.getByText('One is stored.', { exact: false })).toBeVisible();
  expect(await page.content()).not.toContain(password);

  await page.getByRole('radio', { name: /Comes with Edgeyard/ }).check();
  await expect(page.getByRole('checkbox', { name: /Move what is there/ })).toBeChecked();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(card).toContainText('Tokens signed by Edgeyard');
  expect(errors).toEqual([]);
});

test('a machine pushes with its own login, a developer finds it, an administrator deletes it', async ({
  browser,
  bosPage,
  server,
  ada,
  bo,
}) => {
  const address = await bundledAddress(ada);
  const team = `projects/${await makeProject(bo, undefined, 'container')}`;
  const adas = await browser.newContext();
  await signIn(adas, server, ada);
  const page = await adas.newPage();
  const errors = consoleErrors(page);
  await page.goto(`${server.url}/admin/registries`);
  await page.getByRole('button', { name: 'Make a login' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('build-server');
  await dialog.getByRole('radio', { name: /Pull and push/ }).check();
  await dialog.getByLabel('Repositories').fill(`${team}/*`);
  await dialog.getByRole('button', { name: 'Make the login' }).click();
  const secret = await dialog.getByLabel('Secret', { exact: true }).innerText();
  await dialog.getByRole('button', { name: 'I have copied it' }).click();
  const credentials = `robot-build-server:${secret.trim()}`;

  const target = `${address}/workbench/${team}/camera`;
  const digest = await push(`${target}:1.0`, credentials);
  await expect(push(`${address}/workbench/projects/other/camera:1.0`, credentials)).rejects.toThrow();
  await expect(push(`${address}/store/${team}/camera:1.0`, credentials)).rejects.toThrow();

  await bosPage.goto(`${server.url}/registries`);
  await bosPage.getByLabel('Search repositories').fill('camera');
  await bosPage.getByRole('link', { name: `${team}/camera` }).click();
  await expect(bosPage.getByRole('article')).toContainText('linux/amd64');
  await bosPage.getByText('Pull it').click();
  await expect(bosPage.getByText(`docker pull ${target}@${digest}`)).toBeVisible();
  await expect(bosPage.getByRole('button', { name: /^Delete/ })).toHaveCount(0);
  await bosPage.goto(`${server.url}/registries/store`);
  await expect(bosPage.getByRole('heading', { level: 1 })).not.toHaveText('Registry');

  await page.goto(`${server.url}/registries/workbench/workbench/${team}/camera`);
  await page.getByRole('button', { name: /^Delete sha256/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText(`Deleted from ${team}/camera.`)).toBeVisible();
  await expect(page).toHaveURL(/\/registries\/workbench$/);

  await page.goto(`${server.url}/admin/registries`);
  await page.getByRole('button', { name: 'Collect garbage' }).click();
  await expect(page.getByText(/freed, /)).toBeVisible();
  await page.getByRole('button', { name: 'Revoke build-server' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
  await expect(page.getByText('“build-server” is revoked.')).toBeVisible();
  await expect(push(`${target}:2.0`, credentials)).rejects.toThrow();
  expect(errors).toEqual([]);
  await adas.close();
});
