/** Pages as people with other eyes, hands, screens and languages meet them. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Browser, type Page } from '@playwright/test';
import PQueue from 'p-queue';
import type { RunningServer } from './edgeyard';
import { signIn, type Person } from './people';
import { consoleErrors } from './test';

interface Look {
  name: string;
  width: number;
  height: number;
  colorScheme: 'light' | 'dark';
  locale: string;
}

const looks: Look[] = [
  { name: 'desktop light en', width: 1280, height: 800, colorScheme: 'light', locale: 'en-US' },
  { name: 'desktop dark zh', width: 1280, height: 800, colorScheme: 'dark', locale: 'zh-CN' },
  { name: 'phone dark en', width: 390, height: 844, colorScheme: 'dark', locale: 'en-US' },
  { name: 'phone light zh', width: 390, height: 844, colorScheme: 'light', locale: 'zh-CN' },
];

/** A page waits for the server half of the time, its checks for the browser the other half. */
const looksAtOnce = 2;

/**
 * Visits pages in every look and takes a picture of each into `.cache/pages/<look>/<name>.png`.
 *
 * @param pages their paths by name; those in `asGuest` are visited before signing in
 * @returns what is wrong: WCAG 2.2 AA, sideways scrolling, headings, errors in the console (a missing text is one)
 */
export async function faultsOfPages(
  browser: Browser,
  server: RunningServer,
  person: Person,
  pages: Record<string, string>,
  asGuest: Record<string, string> = {},
): Promise<string[]> {
  const walk = async ({ name: look, width, height, colorScheme, locale }: Look): Promise<string[]> => {
    const faults: string[] = [];
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme,
      locale,
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    const errors = consoleErrors(page);
    const visit = async ([name, path]: [string, string]) => {
      await page.goto(server.url + path);
      await settled(page);
      const found = await faultsOf(page);
      faults.push(...found.map((fault) => `${name}, ${look}: ${fault}`));
      await page.screenshot({ path: `.cache/pages/${look}/${name}.png`.replaceAll(' ', '-') });
    };
    for (const each of Object.entries(asGuest)) await visit(each);
    await signIn(context, server, person);
    for (const each of Object.entries(pages)) await visit(each);
    await context.close();
    return [...faults, ...errors.map((error) => `${look}: ${error}`)];
  };
  const found = await new PQueue({ concurrency: looksAtOnce }).addAll(looks.map((look) => () => walk(look)));
  return found.flat();
}

/** Waits until a page shows its content: its heading, and nothing that is still loading. */
export async function settled(page: Page): Promise<void> {
  await expect(page.locator('main h1').first()).toBeVisible();
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
}

async function faultsOf(page: Page): Promise<string[]> {
  const faults: string[] = [];
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze();
  for (const { id, nodes } of violations)
    faults.push(
      `${id}: ${nodes
        .map(({ target }) => target.join(' '))
        .slice(0, 3)
        .join(' | ')}`,
    );
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  if (sideways > 1) faults.push(`scrolls sideways by ${sideways} px`);
  const headings = await page.locator('main h1').count();
  if (headings !== 1) faults.push(`${headings} first headings`);
  return faults;
}
