/** The main job by keyboard alone: no pointer is used after the page is opened. */
import { writeFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './stacks/test';
import { removeProject } from './stacks/vms';

test('a VM app from nothing to the store, by keyboard @S1 @S2 @S3 @S4 @S5 @S6 @S9 @S10 @S11', async ({
  bosPage: page,
  bo,
  server,
}, testInfo) => {
  test.setTimeout(420_000);
  const file = testInfo.outputPath('notes.txt');
  writeFileSync(file, 'written by keyboard\n');
  await page.goto(server.url);

  await test.step('a project, from the command palette', async () => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('New project');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'New project' })).toBeVisible();
    await type(page, page.getByRole('textbox', { name: 'Name' }), 'Keyboard app');
    await type(page, page.getByLabel('Provider'), 'Example');
    await press(page, page.getByRole('button', { name: 'Create project' }));
    await expect(page.getByRole('heading', { level: 1, name: 'Keyboard app' })).toBeVisible();
  });

  await test.step('a VM', async () => {
    await press(page, page.getByRole('link', { name: 'New VM' }).first());
    await expect(page.getByRole('heading', { level: 1, name: 'New VM' })).toBeVisible();
    await choose(page, page.getByRole('radio', { name: 'Tiny Linux' }));
    await choose(page, page.getByRole('radio', { name: 'Nano' }));
    await press(page, page.getByRole('button', { name: 'Create', exact: true }));
    await expect(page.getByText(/Login prompt after/)).toBeVisible({ timeout: 90_000 });
  });

  await test.step('into the console and out of it again', async () => {
    await expect(page.locator('canvas')).toBeVisible();
    await press(page, page.getByRole('application'));
    await expect(page.locator('canvas')).toBeFocused();
    await page.keyboard.type('echo typed\n', { delay: 30 });
    // Tab belongs to the guest now; only the chord leads out.
    await page.keyboard.press('Tab');
    await expect(page.locator('canvas')).toBeFocused();
    await page.keyboard.press('Control+Alt+Shift');
    await expect(page.locator('canvas')).not.toBeFocused();
  });

  await test.step('a file', async () => {
    await tabTo(page, page.getByRole('tab', { name: 'Console', exact: true }), 'Shift+Tab');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const choosing = page.waitForEvent('filechooser');
    await press(page, page.getByRole('button', { name: 'Upload files' }).first());
    await (await choosing).setFiles(file);
    await expect(page.getByText('SHA-256 equal at both ends')).toBeVisible({ timeout: 60_000 });
  });

  await test.step('captured', async () => {
    await press(page, page.getByRole('button', { name: 'Capture' }).first(), 'Shift+Tab');
    const dialog = page.getByRole('dialog');
    await type(page, dialog.getByLabel('Name of the image'), 'Keyboard image');
    await press(page, dialog.getByRole('button', { name: 'Capture', exact: true }));
    await expect(dialog.getByText('The image is ready')).toBeVisible({ timeout: 120_000 });
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
  });

  await test.step('packed and published', async () => {
    await press(page, page.getByRole('link', { name: 'Keyboard app' }), 'Shift+Tab');
    await press(page, page.getByRole('link', { name: 'Packages' }));
    await press(page, page.getByRole('button', { name: 'Build package' }).first());
    await press(page, page.getByRole('dialog').getByRole('button', { name: 'Build', exact: true }));
    await expect(page.getByText('Verified')).toBeVisible({ timeout: 60_000 });
    await press(page, page.getByRole('button', { name: 'Publish' }).first());
    const dialog = page.getByRole('dialog');
    await press(page, dialog.getByRole('button', { name: 'Publish', exact: true }));
    await expect(dialog.getByRole('link', { name: 'See it in the store' })).toBeVisible({ timeout: 60_000 });
    await press(page, dialog.getByRole('link', { name: 'See it in the store' }));
    await expect(page.getByRole('heading', { level: 1, name: 'Keyboard app' })).toBeVisible();
  });
  const { projects } = await bo.rest.expect<{ projects: { id: string; name: string }[] }>(
    200,
    'GET',
    '/api/v1/projects',
  );
  for (const { id } of projects.filter(({ name }) => name === 'Keyboard app')) await removeProject(bo, id);
});

/** Moves the focus with Tab until it is where it should be. */
async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await expect(target).toBeVisible();
  for (let presses = 0; presses < 150; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`Tab never reaches ${String(target)}`);
}

async function press(page: Page, target: Locator, key?: 'Tab' | 'Shift+Tab'): Promise<void> {
  await tabTo(page, target, key);
  await page.keyboard.press('Enter');
}

async function type(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press('Control+a');
  await page.keyboard.type(text);
}

/** Chooses in a group of radios: Tab reaches the group, arrows walk in it. */
async function choose(page: Page, radio: Locator): Promise<void> {
  await expect(radio).toBeVisible();
  const name = await radio.getAttribute('name');
  for (let presses = 0; presses < 150; presses += 1) {
    const here = await page.evaluate(() => document.activeElement?.getAttribute('name') ?? '');
    if (here === name) break;
    await page.keyboard.press('Tab');
  }
  for (let presses = 0; presses < 20; presses += 1) {
    if (await radio.isChecked()) return;
    await page.keyboard.press('ArrowRight');
  }
  throw new Error(`the arrows never reach ${String(radio)}`);
}
