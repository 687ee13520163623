/** The tests' own `test`: one real server and its people for all specs that need nothing special. */
import { test as base, type Page } from '@playwright/test';
import { removeDataDir, startServer, type RunningServer } from './edgeyard';
import { becomeAdministrator, invite, signIn, type Person } from './people';

interface Shared {
  /** A name of its own gives the tests of a file a server that no other file has used: for those that count things. */
  world: string;
  server: RunningServer;
  /** The administrator. */
  ada: Person;
  /** A developer. */
  bo: Person;
  /** Another developer, who must see nothing of Bo's. */
  cy: Person;
}

interface Each {
  /** A page signed in as Bo. Fails the test when the page writes an error to the console. */
  bosPage: Page;
}

export const test = base.extend<Each, Shared>({
  world: ['shared', { option: true, scope: 'worker' }],
  server: [
    // Playwright reads the fixtures a function needs from its first parameter, so it must be a pattern.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const server = await startServer();
      await use(server);
      await server.stop();
      removeDataDir(server.dataDir);
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  ada: [async ({ server }, use) => use(await becomeAdministrator(server)), { scope: 'worker' }],
  bo: [
    async ({ server, ada }, use) =>
      use(await invite(server, ada, { name: 'Bo', email: 'bo@example.org', role: 'developer' })),
    { scope: 'worker' },
  ],
  cy: [
    async ({ server, ada }, use) =>
      use(await invite(server, ada, { name: 'Cy', email: 'cy@example.org', role: 'developer' })),
    { scope: 'worker' },
  ],
  bosPage: async ({ context, server, bo }, use) => {
    await signIn(context, server, bo);
    const page = await context.newPage();
    const errors = consoleErrors(page);
    await use(page);
    if (errors.length > 0) throw new Error(`the page wrote errors:\n${errors.join('\n')}`);
  },
});

export { expect } from '@playwright/test';

/**
 * Collects what a page writes to the console as errors. Refusals of the server that a page shows in words are not
 * errors of the page; the browser logs them all the same.
 */
export function consoleErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  return errors;
}
