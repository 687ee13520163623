/** A VM of a cloud that nothing leads to, as its owner sees it; and the file that it got all the same. */
import { addCloud } from '../stacks/cloud';
import { signIn } from '../stacks/people';
import { expect, test } from '../stacks/test';
import { makeProject, removeProject } from '../stacks/vms';

test('a VM with a file and without a way in: its pages say what stands in the way, and open it @S4 @S5 @S6 @S9', async ({
  bosPage: page,
  browser,
  server,
  ada,
  bo,
}) => {
  const siteId = await addCloud(ada, 'developer', 'Town cloud');
  const projectId = await makeProject(bo);

  await test.step('created with a small file, and with no port open', async () => {
    await page.goto(`${server.url}/projects/${projectId}/vms/new`);
    await page.getByRole('radio', { name: /Town cloud/ }).check();
    await page.getByRole('radio', { name: 'Tiny Linux' }).check();
    await page.getByRole('radio', { name: /edge\.tiny/ }).check();
    await page.getByLabel('Network 1').selectOption({ label: 'provider (shared)' });
    await page.getByRole('checkbox', { name: /^SSH/ }).uncheck();
    await page.getByRole('textbox', { name: 'Name' }).fill('shut');
    await page
      .getByRole('region', { name: 'Files' })
      .locator('input[type=file]')
      .setInputFiles([
        { name: 'too large.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(40_000) },
        { name: 'settings.json', mimeType: 'application/json', buffer: Buffer.from('{"camera":1}') },
      ]);
    await expect(page.getByText('too large.bin was left out')).toBeVisible();
    await expect(page.getByLabel('Path in the guest')).toHaveValue('/opt/settings.json');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'shut' })).toBeVisible();
    await expect(page.getByText(/Login prompt after/)).toBeVisible({ timeout: 240_000 });
  });

  await test.step('tools are not offered, with the reason and what helps', async () => {
    await page.getByRole('tab', { name: 'Tools' }).click();
    const install = page.getByRole('button', { name: /^Install / }).first();
    await expect(install).toHaveAttribute('aria-disabled', 'true');
    await expect(install).toHaveAccessibleDescription(/No security group lets port 22 in/);
    await install.press('Enter');
    await page.getByRole('button', { name: 'Show what helps' }).click();
    await expect(page.getByText('Or files go with a new VM')).toBeInViewport();
  });

  await test.step('a capture can be asked for at once, and is told why nothing can be cleaned', async () => {
    await page.getByRole('button', { name: 'Capture' }).first().click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByLabel('Name of the image')).toBeVisible();
    await expect(dialog.getByText('Nothing can be cleaned')).toBeVisible();
    await expect(dialog.getByText(/No security group lets port 22 in/)).toBeVisible();
    await dialog.getByRole('button', { name: 'Show what helps' }).click();
    await dialog.getByRole('button', { name: 'Open tcp/22' }).click();
    await expect(dialog.getByText('Nothing can be cleaned')).toBeHidden();
    await expect(dialog.getByRole('checkbox', { name: /^SSH host keys/ })).toBeEnabled();
    await page.keyboard.press('Escape');
  });

  await test.step('the file is there', async () => {
    await page.goto(`${page.url().split('?')[0]}?tab=files&path=/opt`);
    await expect(page.getByRole('table').getByText('settings.json')).toBeVisible();
  });

  await test.step('the cloud cannot be forgotten while it answers; what would go is named', async () => {
    const switched = (enabled: boolean) =>
      ada.rest.expect(200, 'PATCH', `/api/v1/sites/${siteId}`, { enabled });
    await switched(false);
    const context = await browser.newContext();
    await signIn(context, server, ada);
    const admin = await context.newPage();
    await admin.goto(`${server.url}/admin/sites`);
    await admin.getByRole('button', { name: 'Remove Town cloud' }).click();
    const dialog = admin.getByRole('dialog');
    await expect(dialog.getByText('VM shut')).toBeVisible();
    await dialog.getByRole('textbox').fill('Town cloud');
    await dialog.getByRole('button', { name: 'Forget the site' }).click();
    await expect(dialog.getByText(/answers and lets us in/)).toBeVisible();
    await context.close();
    await switched(true);
    await ada.rest.until(
      async () => (await ada.rest.call<{ state: string }>('GET', `/api/v1/sites/${siteId}`)).body,
      ({ state }) => state === 'ready',
    );
  });
  await removeProject(bo, projectId);
});
