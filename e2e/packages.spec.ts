/** Packages from outside and what the store does with them. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sha256OfBytes } from './stacks/csar';
import type { RunningServer } from './stacks/edgeyard';
import { csarOf, sendPackage, type Member } from './stacks/packages';
import type { Person } from './stacks/people';
import type { RestJob } from './stacks/rest';
import { expect, test } from './stacks/test';
import { makeProject, removeProject } from './stacks/vms';

interface Published {
  appId: string;
  releaseId: string;
  digest: string;
  unchanged: boolean;
}

const words = { type: 'Video Application', industry: 'Smart Park', notes: 'Notes' };
const newName = () => `Cam ${randomBytes(3).toString('hex')}`;

/** What unfinished work leaves in the package and store folders. */
function leftovers({ dataDir }: RunningServer): string[] {
  const folder = join(dataDir, 'packages');
  return [
    ...readdirSync(join(folder, 'incoming')),
    ...readdirSync(folder).filter((name) => name.endsWith('.part')),
  ];
}

const publish = (person: Person, id: string) =>
  person.rest.call<RestJob & { key: string; params: Record<string, string> }>(
    'POST',
    `/api/v1/packages/${id}/publish`,
    words,
  );

async function published(person: Person, id: string): Promise<Published> {
  const { status, body } = await publish(person, id);
  expect(status).toBe(202);
  return (await person.rest.done(body.id)).result as Published;
}

/** A guest's search of the store. */
async function found(server: RunningServer, name: string): Promise<{ id: string; releases: number }[]> {
  const path = `/api/v1/store/apps?q=${encodeURIComponent(name)}`;
  const answer = await fetch(new URL(path, server.url));
  return ((await answer.json()) as { apps: { id: string; releases: number }[] }).apps;
}

const changed = (path: string, content: string) => (members: Member[]) =>
  members.map((member) => (member.path === path ? { ...member, content } : member));

test('wrong hashes: taken in as unverified, said file by file, and never published @S10 @S11', async ({
  server,
  bo,
  bosPage,
}) => {
  const name = newName();
  const projectId = await makeProject(bo);
  const sent = await sendPackage(
    bo,
    await csarOf({ name }, changed('Artifacts/ChangeLog.txt', 'not the text that was hashed')),
    { projectId },
  );
  expect(sent).toMatchObject({
    state: 'ready',
    verification: 'unverified',
    refusals: { publish: 'packages.gates.unverified' },
  });
  expect(sent.remarks).toContainEqual(
    expect.objectContaining({
      rule: 'hashMismatch',
      severity: 'error',
      params: expect.objectContaining({ path: 'Artifacts/ChangeLog.txt' }),
    }),
  );
  const answer = await publish(bo, sent.id);
  expect(answer).toMatchObject({ status: 409, body: { key: 'packages.gates.unverified' } });
  expect(await found(server, name)).toEqual([]);

  await bosPage.goto(`${server.url}/projects/${projectId}/packages/${sent.id}`);
  await expect(bosPage.getByText(/The hash of Artifacts\/ChangeLog\.txt is/).first()).toBeVisible();
  await bo.rest.expect(204, 'DELETE', `/api/v1/packages/${sent.id}`);
  await removeProject(bo, projectId);
});

interface Hostile {
  name: string;
  key: string;
  params?: Record<string, string>;
  change: (members: Member[]) => Member[];
}

const hostile: Hostile[] = [
  {
    name: 'a path that leaves the package (zip-slip)',
    key: 'packages.errors.unsafeName',
    change: (members) => [
      ...members,
      { path: 'n'.repeat(25), called: '../../../../../tmp/slip-x', content: 'x' },
    ],
    params: { path: '../../../../../tmp/slip-x' },
  },
  {
    name: 'an absolute path',
    key: 'packages.errors.unsafeName',
    change: (members) => [...members, { path: 'n'.repeat(11), called: '/tmp/slip-x', content: 'x' }],
  },
  {
    name: 'a bomb',
    key: 'packages.errors.ratioTooHigh',
    change: (members) => [...members, { path: 'Artifacts/zeros', content: Buffer.alloc(64 * 1024 * 1024) }],
  },
  {
    name: 'a symbolic link',
    key: 'packages.errors.symbolicLink',
    change: (members) => [...members, { path: 'link', content: '/etc/shadow', mode: 0o120777 }],
    params: { path: 'link' },
  },
  {
    name: 'two files of one name',
    key: 'packages.errors.duplicateName',
    change: (members) => [
      ...members,
      { path: 'Artifacts/ChangeLog.xxx', called: 'Artifacts/ChangeLog.txt', content: 'x' },
    ],
  },
  { name: 'no package at all', key: 'packages.errors.noPackage', change: (members) => members.slice(2, 4) },
];

for (const { name, key, params = {}, change } of hostile) {
  test(`refused: ${name} @S10`, async ({ server, bo }) => {
    const sent = await sendPackage(bo, await csarOf({ name: newName() }, change));
    expect(sent).toMatchObject({ state: 'failed', digest: null, error: { key, params } });
    await expect.poll(() => leftovers(server)).toEqual([]);
    expect(existsSync('/tmp/slip-x')).toBe(false);
    expect(await publish(bo, sent.id)).toMatchObject({ status: 409 });
    await bo.rest.expect(204, 'DELETE', `/api/v1/packages/${sent.id}`);
    expect(readdirSync(join(server.dataDir, 'packages')).filter((file) => file.startsWith(sent.id))).toEqual(
      [],
    );
  });
}

test('two publishes at once make one release @S11', async ({ server, bo }) => {
  const name = newName();
  const sent = await sendPackage(bo, await csarOf({ name }));
  const results = await Promise.all([published(bo, sent.id), published(bo, sent.id)]);
  expect(new Set(results.map(({ releaseId }) => releaseId)).size).toBe(1);
  expect(await found(server, name)).toEqual([expect.objectContaining({ releases: 1 })]);
});

test('two contents as one version at once: one is published, the other refused @S11', async ({
  server,
  bo,
}) => {
  const name = newName();
  const sent = await Promise.all(
    ['one', 'two'].map(async (text) => sendPackage(bo, await csarOf({ name, text }))),
  );
  const answers = await Promise.all(sent.map(({ id }) => publish(bo, id)));
  // Refused at once, or by its job when both came before either was done.
  const ends = await Promise.all(
    answers.map(async ({ status, body }) => {
      if (status !== 202) return body.key;
      const job = await bo.rest.until(
        async () => (await bo.rest.call<RestJob>('GET', `/api/v1/jobs/${body.id}`)).body,
        ({ state }) => state === 'done' || state === 'failed',
      );
      return job.error?.key ?? job.state;
    }),
  );
  expect(ends.sort()).toEqual(['done', 'store.errors.versionTaken']);
  expect(await found(server, name)).toEqual([expect.objectContaining({ releases: 1 })]);
});

test('the same version with other content is refused and names both digests; a new version is not @S11', async ({
  server,
  bo,
  cy,
}) => {
  const name = newName();
  const first = await sendPackage(bo, await csarOf({ name }));
  const release = await published(bo, first.id);
  const again = await sendPackage(bo, await csarOf({ name }));
  expect(await published(bo, again.id)).toMatchObject({ releaseId: release.releaseId, unchanged: true });

  const other = await sendPackage(bo, await csarOf({ name, text: 'other words' }));
  const refused = await publish(bo, other.id);
  expect(refused).toMatchObject({
    status: 409,
    body: {
      key: 'store.errors.versionTaken',
      params: { name, version: '1.0', published: first.digest, offered: other.digest },
    },
  });
  expect(JSON.stringify(refused.body)).toContain(first.digest);
  const kept = await fetch(new URL(`/api/v1/store/releases/${release.releaseId}/content`, server.url));
  expect(`sha256:${sha256OfBytes(Buffer.from(await kept.arrayBuffer()))}`).toBe(first.digest);

  const next = await sendPackage(bo, await csarOf({ name, version: '1.1', text: 'other words' }));
  expect((await published(bo, next.id)).appId).toBe(release.appId);
  expect(await found(server, name)).toEqual([expect.objectContaining({ releases: 2 })]);

  // Somebody else cannot put a version under this name.
  const foreign = await sendPackage(cy, await csarOf({ name, version: '6.6' }));
  expect(await publish(cy, foreign.id)).toMatchObject({
    status: 403,
    body: { key: 'store.errors.notYourApp' },
  });
});

test('what was unpublished says so to guests, and is not to be had any more @S12', async ({
  server,
  bo,
  cy,
  browser,
}) => {
  const name = newName();
  const sent = await sendPackage(bo, await csarOf({ name }));
  const { appId, releaseId } = await published(bo, sent.id);
  const context = await browser.newContext({ locale: 'en-US' });
  const page = await context.newPage();
  await page.goto(`${server.url}/store/apps/${appId}`);
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();

  await cy.rest.expect(403, 'DELETE', `/api/v1/store/releases/${releaseId}`);
  await bo.rest.expect(204, 'DELETE', `/api/v1/store/releases/${releaseId}`);
  await page.reload();
  await expect(page.getByText('No longer published')).toBeVisible();
  await expect(page.getByText(`${name} was taken down by its publisher`)).toBeVisible();
  await context.close();

  for (const path of [`apps/${appId}`, `releases/${releaseId}`, `releases/${releaseId}/content`]) {
    expect((await fetch(new URL(`/api/v1/store/${path}`, server.url))).status, path).toBe(410);
  }
  expect(await found(server, name)).toEqual([]);
});

test('an EdgeGallery client uploads, lists, publishes and downloads equal bytes @S22', async ({
  server,
  bo,
}) => {
  const base = '/mec/appstore/v1/apps';
  const name = newName();
  const bytes = await csarOf({ name });
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(new URL(`${base}${path}`, server.url), { ...init, headers: { access_token: bo.token } });
  const form = new FormData();
  for (const [field, value] of Object.entries({
    type: 'Video Application',
    shortDesc: 'Sees',
    affinity: 'X86',
    industry: 'Smart Park',
  }))
    form.append(field, value);
  form.append('file', new Blob([new Uint8Array(bytes)]), 'app.csar');

  const uploaded = await ask('', { method: 'POST', body: form });
  expect(uploaded.status).toBe(200);
  const { appId, packageId, ...said } = (await uploaded.json()) as Record<string, string>;
  expect(said).toEqual({ appName: name, provider: 'Others', version: '1.0' });

  // Nobody else sees it before it is published.
  const guest = (path: string) => fetch(new URL(`${base}${path}`, server.url));
  expect((await guest(`/${appId}/packages/${packageId}/action/download`)).status).toBe(404);
  const before = (await (await ask(`/${appId}/packages`)).json()) as { status: string }[];
  expect(before).toEqual([expect.objectContaining({ packageId, status: 'Upload', name })]);

  const action = await ask(`/${appId}/packages/${packageId}/action/publish`, { method: 'POST' });
  expect(`${action.status} ${await action.text()}`).toBe('200 Publish Success');
  const listed = (await (await guest(`?name=${encodeURIComponent(name)}`)).json()) as { appId: string }[];
  expect(listed).toEqual([expect.objectContaining({ appId, name, shortDesc: 'Sees', status: 'Published' })]);
  const back = await guest(`/${appId}/packages/${packageId}/action/download`);
  expect(back.status).toBe(200);
  expect(Buffer.from(await back.arrayBuffer()).equals(bytes)).toBe(true);

  // Without a token, and without a file.
  const anonymous = await fetch(new URL(base, server.url), { method: 'POST', body: form });
  expect(anonymous.status).toBe(401);
  const empty = await ask('', { method: 'POST', body: new FormData() });
  expect(empty.status).toBe(422);
  const evil = new FormData();
  evil.append('file', new Blob(['no archive']), 'app.csar');
  const refused = await ask('', { method: 'POST', body: evil });
  expect(refused.status).toBe(422);
  expect(await refused.json()).toMatchObject({ key: 'packages.errors.notAnArchive' });
});
