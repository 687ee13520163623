/** One-time links and passwords, and a disk that is full: on a server with a small data folder of its own. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256OfBytes } from './stacks/csar';
import { removeDataDir, startServer, type RunningServer } from './stacks/edgeyard';
import { imageUploads, leftovers, removeImage, settledImage } from './stacks/images';
import { becomeAdministrator, invite, type Person } from './stacks/people';
import { expect, test } from './stacks/test';
import { announce, announceRaw } from './stacks/tus';
import { makeProject } from './stacks/vms';

const mebibyte = 2 ** 20;

/** A small file system in memory, where that is permitted. */
function mountSmall(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1300m', 'edgeyard-test', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

// Made in beforeAll: the runner reads this file more than once.
let dataDir: string;
let mounted = false;
let server: RunningServer;
let link: string;
let ada: Person;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'edgeyard-small-'));
  mounted = mountSmall(dataDir);
  server = await startServer({ dataDir });
  link = server.setupLink ?? '';
  ada = await becomeAdministrator(server);
});
test.afterAll(async () => {
  await server.stop();
  if (mounted) execFileSync('umount', [dataDir]);
  removeDataDir(dataDir);
});

const knock = (door: string, body: object) =>
  fetch(new URL(`/api/auth/${door}`, server.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server.url },
    body: JSON.stringify(body),
  });

test('the set-up link makes one administrator, once @S1', async ({ page }) => {
  const token = new URL(link).searchParams.get('token');
  const again = await knock('setup', {
    token,
    name: 'Eve',
    email: 'eve@example.org',
    password: 'another long password',
  });
  expect(again.status).toBe(410);
  expect(await again.json()).toMatchObject({ key: 'access.errors.linkGone' });
  expect(again.headers.getSetCookie()).toEqual([]);
  await page.goto(link);
  await expect(page.getByText('This link does not work any more')).toBeVisible();
  await expect(page.getByLabel('Password')).toHaveCount(0);

  await server.stop();
  server = await startServer({ dataDir, port: Number(new URL(server.url).port) });
  expect(server.setupLink).toBeUndefined();
  await ada.rest.expect(200, 'GET', '/api/v1/me');
});

test('guessing passwords is slowed down, for the account that is guessed at only @S1', async () => {
  const dan = await invite(server, ada, { name: 'Dan', email: 'dan@example.org', role: 'developer' });
  const guess = (email: string, password: string) => knock('sign-in/email', { email, password });
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const wrong = await guess(dan.email, `guess number ${attempt}`);
    expect(wrong.status).toBe(401);
    expect(await wrong.json()).toMatchObject({ key: 'access.errors.signInFailed' });
  }
  const nobody = await guess('nobody@example.org', 'guess number 1');
  expect(nobody.status).toBe(401);
  expect(await nobody.json()).toMatchObject({ key: 'access.errors.signInFailed' });

  // Not even the right one is tried now.
  const right = await guess(dan.email, dan.password);
  expect(right.status).toBe(429);
  expect(await right.json()).toMatchObject({ key: 'access.errors.tooManyAttempts' });
  expect(right.headers.getSetCookie()).toEqual([]);
  expect((await guess(ada.email, ada.password)).status).toBe(204);
  // Who is signed in already stays so.
  await dan.rest.expect(200, 'GET', '/api/v1/me');
});

test.describe('a disk that is full', () => {
  const filler = () => join(dataDir, 'filler');

  /** Takes space away until so many bytes are left. */
  function fillUp(leave: number): void {
    const file = openSync(filler(), 'w');
    const { bavail, bsize } = statfsSync(dataDir);
    const block = Buffer.alloc(mebibyte, 1);
    try {
      for (let left = bavail * bsize - leave; left > 0; left -= block.length)
        writeSync(file, block, 0, Math.min(left, block.length));
    } catch (error) {
      // The server may have taken the last bytes itself.
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  test.beforeEach(async () => {
    test.skip(!mounted, 'mounting a small file system is not permitted here');
    await ada.rest.until(
      async () => (await ada.rest.call<{ images: { state: string }[] }>('GET', '/api/v1/images')).body.images,
      (images) => images.length > 0 && images.every(({ state }) => state === 'ready'),
    );
  });
  test.afterEach(() => {
    rmSync(filler(), { force: true });
  });

  test('what does not fit is refused before its first byte, with the numbers @S2', async () => {
    const size = 2 * 1024 * mebibyte;
    const facts = { filename: 'a.raw', name: 'A', format: 'raw' };
    const refused = await announceRaw(ada, imageUploads, size, facts);
    expect(refused.status).toBe(507);
    expect(await refused.json()).toMatchObject({
      key: 'images.errors.noRoom',
      params: { needed: size, total: 1300 * mebibyte },
    });
    expect(leftovers(dataDir)).toEqual([]);
  });

  test('full in the middle of an upload: says so, lives on, and goes on when there is room @S2', async () => {
    const content = randomBytes(96 * mebibyte);
    const checksum = sha256OfBytes(content);
    const facts = { filename: 'b.raw', name: 'B', format: 'raw', checksum };
    const sending = await announce(ada, imageUploads, content.length, facts);
    fillUp(32 * mebibyte);
    const cut = await sending.send(0, content);
    expect(cut.status).toBe(507);
    await ada.rest.expect(200, 'GET', '/api/v1/images');

    rmSync(filler());
    const offset = await sending.offset();
    expect(offset).toBeLessThan(content.length);
    expect((await sending.send(offset, content.subarray(offset))).status).toBe(204);
    const image = await settledImage(ada, sending.location.split('/').at(-1) ?? '');
    expect(image).toMatchObject({ state: 'ready', virtualSize: content.length });
    await removeImage(ada, image.id);
    expect(leftovers(dataDir)).toEqual([]);
  });

  test('not a byte left: work is refused in words, nothing is half done, and all goes on after @S1', async () => {
    const list = async () => {
      const { projects } = await ada.rest.expect<{ projects: { name: string }[] }>(
        200,
        'GET',
        '/api/v1/projects',
      );
      return projects.map(({ name }) => name);
    };
    const before = await list();
    fillUp(0);
    const refused = await ada.rest.until(
      // The database has a few pages to spare in its own file.
      () =>
        ada.rest.call<{ key: string }>('POST', '/api/v1/projects', {
          name: `Full ${randomBytes(4).toString('hex')}`,
          kind: 'vm',
          provider: 'Example',
          description: 'x'.repeat(900),
          industry: 'Smart Park',
          type: 'Video Application',
          architecture: 'X86',
        }),
      ({ status }) => status !== 201,
    );
    expect(refused).toMatchObject({ status: 507, body: { key: 'problems.diskFull' } });
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    const meanwhile = await list();
    rmSync(filler());
    const projectId = await makeProject(ada, 'There is room again');
    expect(projectId).toBeTruthy();
    expect((await list()).sort()).toEqual([...meanwhile, 'There is room again'].sort());
    expect(meanwhile.length).toBeGreaterThanOrEqual(before.length);
  });
});
