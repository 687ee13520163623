/** Administrators add, test, change and remove a cloud. What answers here is no cloud: the failures are real ones. */
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { signIn } from './stacks/people';
import { consoleErrors, expect, test } from './stacks/test';

/** A port of this machine that nothing listens on. */
async function closedPort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) => server.close(() => done()));
  return port;
}

test('a cloud that does not answer is added, told apart, changed and removed', async ({
  context,
  server,
  ada,
}) => {
  const port = await closedPort();
  await signIn(context, server, ada);
  const page = await context.newPage();
  const errors = consoleErrors(page);

  await page.goto(`${server.url}/admin/sites`);
  await expect(page.getByText('No cloud yet')).toBeVisible();
  await page.getByRole('link', { name: 'Add a site' }).first().click();

  await page
    .getByLabel('Or paste its text')
    .fill(
      `export OS_AUTH_URL=http://127.0.0.1:${port}/v3\nexport OS_USERNAME=ada\nexport OS_PROJECT_NAME=lab\n`,
    );
  await page.getByRole('button', { name: 'Take over' }).click();
  await expect(page.getByText('something is missing')).toBeVisible();
  await expect(page.getByLabel('Address of Keystone')).toHaveValue(`http://127.0.0.1:${port}/v3`);

  await page.getByRole('button', { name: 'Test the connection' }).click();
  await expect(page.getByLabel('Password', { exact: false }).last()).toBeFocused();
  await page.locator('input[type=password]').fill('secret of the cloud');
  await page.getByRole('button', { name: 'Test the connection' }).click();
  const lights = page.getByRole('list', { name: 'What the test found' }).getByRole('listitem');
  await expect(lights.filter({ hasText: 'Connection' }).first()).toContainText('failed');
  await expect(lights.filter({ hasText: 'Quota' })).toContainText('Not looked at');
  await expect(page.getByText('It ends at: Connection')).toBeVisible();
  await expect(page.getByText('The test failed.', { exact: false })).toBeVisible();

  await page.getByLabel('Name', { exact: false }).first().fill('Far cloud');
  await page.getByRole('button', { name: 'Add the site' }).click();
  const row = page.getByRole('row', { name: /Far cloud/ });
  await expect(row).toContainText('Not reachable');

  await row.getByRole('button', { name: 'Change Far cloud' }).click();
  await expect(page.getByText('One is stored.', { exact: false })).toBeVisible();
  expect(await page.content()).not.toContain('secret of the cloud');
  await page.getByLabel('Name', { exact: false }).first().fill('Near cloud');
  await page.getByRole('button', { name: 'Save', exact: true }).click();

  await page.getByRole('button', { name: 'Remove Near cloud' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove the site' }).click();
  await expect(page.getByText('No cloud yet')).toBeVisible();
  expect(errors).toEqual([]);
});

test('a test of a connection shows what it is at, and can be cancelled', async ({ context, server, ada }) => {
  // It takes connections and never says a word.
  const silent = createServer(() => undefined);
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
  const { port } = silent.address() as AddressInfo;
  await signIn(context, server, ada);
  const page = await context.newPage();
  await page.goto(`${server.url}/admin/sites/new`);
  await page.getByLabel('Address of Keystone').fill(`http://127.0.0.1:${port}/v3`);
  await page.getByLabel('User', { exact: false }).first().fill('ada');
  await page
    .getByRole('textbox', { name: /^Project/ })
    .first()
    .fill('lab');
  await page.locator('input[type=password]').fill('secret of the cloud');
  await page.getByRole('button', { name: 'Test the connection' }).click();
  const lights = page.getByRole('list', { name: 'What the test found' }).getByRole('listitem');
  await expect(lights.filter({ hasText: 'Connection' }).first()).toContainText('in order');
  await expect(lights.filter({ hasText: 'Login' }).first()).toContainText('being looked at');
  await expect(lights.filter({ hasText: 'Quota' })).toContainText('not looked at yet');
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(page.getByText('Cancelled before it was through.')).toBeVisible();
  await expect(lights.filter({ hasText: 'Login' })).toHaveCount(0);
  await expect(lights.filter({ hasText: 'Connection' }).first()).toContainText('in order');
  silent.close();
});
