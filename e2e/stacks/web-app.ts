/** The container app of the tests: two pods of a web server behind a service, and the image they run. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from '@playwright/test';
import type { Person } from './people';
import type { RestJob } from './rest';
import { upload } from './tus';

const run = promisify(execFile);

/** Manifests of the app, whose image is `acme/web:1` until the tag is said otherwise. */
export const webManifests = (tag = '1') => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: web
          image: acme/web:${tag}
          ports: [{containerPort: 8080}]
          readinessProbe: {httpGet: {path: /, port: 8080}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
`;

/**
 * Pulls an image with skopeo, by a login that may pull from the store and do nothing else.
 *
 * @param registry `host:port`
 * @param name repository and digest
 * @param use is given the image as a folder (skopeo's `dir:`) and its digest
 */
export async function pulledFromStore<Result>(
  admin: Person,
  registry: string,
  name: string,
  use: (image: { folder: string; digest: string }) => Promise<Result> | Result,
): Promise<Result> {
  const robot = await admin.rest.expect<{ user: string; secret: string }>(
    201,
    'POST',
    '/api/v1/registries/robots',
    { name: `shop-${String(Date.now())}`, role: 'store', right: 'pull' },
  );
  const folder = mkdtempSync(join(tmpdir(), 'pulled-'));
  try {
    const from = `docker://${registry}/${name}`;
    const login = ['--src-creds', `${robot.user}:${robot.secret}`, '--src-tls-verify=false'];
    const digestFile = join(folder, 'digest');
    const image = join(folder, 'image');
    await run('skopeo', [
      'copy',
      '--preserve-digests',
      '--digestfile',
      digestFile,
      ...login,
      from,
      `dir:${image}`,
    ]);
    return await use({ folder: image, digest: readFileSync(digestFile, 'utf8').trim() });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Waits until the app answers with these words. A node learns of a ready pod a moment after the cluster does, a Docker
 * host starts a process without asking whether it listens yet, and a connection that is kept leads to the pod of before.
 *
 * @param find the app's address, which may be another one when it is asked again
 */
export async function expectAnswer(find: () => Promise<string> | string, words: string): Promise<void> {
  const answer = async () => {
    const url = await find();
    if (url === '') return 'no address';
    const how = { headers: { connection: 'close' }, signal: AbortSignal.timeout(5_000) };
    return await fetch(url, how).then((got) => got.text(), String);
  };
  await expect.poll(answer, { timeout: 60_000 }).toContain(words);
}

/** Sends an archive, and waits until its images are in the registry. */
export async function sendArchive(person: Person, projectId: string, archive: Buffer): Promise<void> {
  await upload(person, '/api/v1/containers/uploads', archive, { filename: 'web.tar', projectId });
  const { uploads } = await person.rest.until(
    async () =>
      (
        await person.rest.call<{ uploads: { state: string; error: unknown }[] }>(
          'GET',
          `/api/v1/projects/${projectId}/container-uploads`,
        )
      ).body,
    (body) => body.uploads.every(({ state }) => state === 'done' || state === 'failed'),
  );
  // Those sent before may still be shown.
  expect(uploads[0]).toMatchObject({ state: 'done' });
  expect(uploads.filter(({ error }) => error !== null)).toEqual([]);
}

/** Builds a package of a container project and publishes it. @returns id of the release in the store */
export async function publishVersion(person: Person, projectId: string, version: string): Promise<string> {
  const build = await person.rest.expect<RestJob>(202, 'POST', `/api/v1/projects/${projectId}/packages`, {
    version,
  });
  const { packageId } = (await person.rest.done(build.id)).result as { packageId: string };
  const publish = await person.rest.expect<RestJob>(202, 'POST', `/api/v1/packages/${packageId}/publish`, {});
  return ((await person.rest.done(publish.id)).result as { releaseId: string }).releaseId;
}

/** Saves the manifests of a container project, over what stands there. */
export async function saveManifests(person: Person, projectId: string, text: string): Promise<void> {
  const path = `/api/v1/projects/${projectId}/deployment-text`;
  const { body } = await person.rest.call<{ text: { updatedAt: number } | null }>('GET', path);
  await person.rest.expect(200, 'PUT', path, {
    content: { kind: 'manifests', text },
    basedOn: body.text?.updatedAt ?? null,
  });
}
