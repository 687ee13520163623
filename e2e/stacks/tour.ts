/** Pictures of the README's tour. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, type Page } from '@playwright/test';

const keep = process.env.UPDATE_TOUR === '1';

/**
 * Takes a picture without what changes from run to run beside the content itself: the caret and moving parts. It is
 * kept with `UPDATE_TOUR=1`.
 */
export async function picture(page: Page, name: string): Promise<void> {
  const png = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  expect(png.length).toBeGreaterThan(10_000);
  if (keep) writeFileSync(resolve('e2e/tour', `${name}.png`), png);
}
