/** How an administrator lets Edgeyard into a real cloud: by an application credential, and behind an authority of its own. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import type { Page } from '@playwright/test';
import { testCa } from '../stacks/certificates';
import { makeApplicationCredential, siteOf } from '../stacks/cloud';
import { signIn } from '../stacks/people';
import { consoleErrors, expect, test } from '../stacks/test';

const lightsOf = (page: Page) =>
  page.getByRole('list', { name: 'What the test found' }).getByRole('listitem');

test('a cloud is entered with an application credential, typed into the page @S7', async ({
  context,
  server,
  ada,
}) => {
  const credential = await makeApplicationCredential('developer', 'edgeyard-page');
  try {
    await signIn(context, server, ada);
    const page = await context.newPage();
    const errors = consoleErrors(page);
    await page.goto(`${server.url}/admin/sites/new`);
    await page.getByRole('textbox', { name: /^Name/ }).fill('By credential');
    await page.getByLabel('Address of Keystone').fill(credential.authUrl);
    await page.getByRole('radio', { name: 'Application credential' }).check();
    await page.getByRole('textbox', { name: /^Id/ }).fill(credential.id);
    await page.locator('input[type=password]').fill('not the secret');
    await page.getByRole('button', { name: 'Test the connection' }).click();
    await expect(page.getByText('It ends at: Login')).toBeVisible();

    await page.locator('input[type=password]').fill(credential.secret);
    await page.getByRole('button', { name: 'Test again' }).click();
    // The name is looked up long before the quota is.
    await expect(lightsOf(page).filter({ hasText: 'Name' }).first()).toContainText('in order');
    await expect(page.getByText('Tested: everything needed answers.')).toBeVisible();
    await expect(lightsOf(page).filter({ hasText: 'Quota' })).toContainText('in order');
    await page.getByRole('button', { name: 'Add the site' }).click();
    await expect(page.getByRole('row', { name: /By credential/ })).toContainText('Ready');
    expect(await page.content()).not.toContain(credential.secret);
    await page.getByRole('button', { name: 'Remove By credential' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove the site' }).click();
    await expect(page.getByRole('row', { name: /By credential/ })).toBeHidden();
    expect(errors).toEqual([]);
  } finally {
    await credential.withdraw();
  }
});

/** Keystone behind TLS, with a certificate of an authority that nobody knows. @param chain whether it shows that too */
async function keystoneBehindTls(authUrl: string, chain: boolean) {
  const keystone = new URL(authUrl);
  const ca = testCa();
  const issued = ca.issue(['localhost', '127.0.0.1']);
  const own = readFileSync(issued.certificateFile, 'utf8');
  const proxy = createServer(
    { key: readFileSync(issued.keyFile), cert: chain ? own + ca.certificate : own },
    (socket) => {
      const onward = connect(Number(keystone.port), keystone.hostname);
      socket.on('error', () => onward.destroy());
      onward.on('error', () => socket.destroy());
      socket.pipe(onward).pipe(socket);
    },
  ).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { port } = proxy.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}${keystone.pathname}`, close: () => void proxy.close() };
}

for (const chain of [true, false]) {
  const shows = chain ? 'with its authority' : 'alone';
  test(`a certificate of an unknown authority, shown ${shows}, is looked at and trusted by a button @S7`, async ({
    context,
    server,
    ada,
  }) => {
    const { config, secret } = siteOf('developer', 'Own authority');
    const proxy = await keystoneBehindTls(config.authUrl, chain);
    await signIn(context, server, ada);
    const page = await context.newPage();
    await page.goto(`${server.url}/admin/sites/new`);
    await page.getByLabel('Address of Keystone').fill(proxy.url);
    await page.getByLabel('User', { exact: false }).first().fill(config.userName);
    await page
      .getByRole('textbox', { name: /^Project/ })
      .first()
      .fill(config.projectName);
    await page.locator('input[type=password]').fill(secret);
    await page.getByRole('button', { name: 'Test the connection' }).click();
    const certificate = lightsOf(page).filter({ hasText: 'Certificate' }).first();
    await expect(certificate).toContainText('failed');
    await expect(certificate).toContainText('Edgeyard test authority');
    await page.getByRole('button', { name: 'Trust this one and test again' }).click();
    await expect(page.getByText('Tested: everything needed answers.')).toBeVisible();
    await expect(certificate).toContainText('in order');
    await expect(page.getByLabel('The cloud’s own authority')).toHaveValue(/BEGIN CERTIFICATE/);
    proxy.close();
  });
}
