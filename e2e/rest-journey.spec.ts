/** The main job by script alone: every step by the REST API, on a real guest. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkCsar, sha256OfBytes } from './stacks/csar';
import type { RestJob } from './stacks/rest';
import { expect, test } from './stacks/test';
import { upload } from './stacks/tus';
import { booted, bootTiny, makeProject, removeProject, tinyRequest } from './stacks/vms';

interface Ids {
  id: string;
  imageId: string;
  packageId: string;
}

test('from a project to a release in the store, by script @S1 @S2 @S4 @S5 @S6 @S9 @S10 @S11 @S12 @S22', async ({
  bo,
  server,
}) => {
  const { rest } = bo;
  const projectId = await makeProject(bo);
  const vm = await bootTiny(bo, projectId);

  const content = randomBytes(11 * 1024 * 1024);
  await upload(bo, `/api/v1/vms/${vm.id}/files/uploads`, content, {
    filename: '数据 one.bin',
    checksum: sha256OfBytes(content),
  });
  const files = await rest.until(
    async () =>
      (await rest.call<{ entries: { name: string; size: number }[] }>('GET', `/api/v1/vms/${vm.id}/files`))
        .body,
    ({ entries }) => entries.some(({ name }) => name === '数据 one.bin'),
  );
  expect(files.entries).toContainEqual(
    expect.objectContaining({ name: '数据 one.bin', size: content.length }),
  );

  const capture = await rest.expect<RestJob>(202, 'POST', `/api/v1/vms/${vm.id}/capture`, {
    name: 'Captured',
  });
  const { imageId } = (await rest.done(capture.id)).result as Ids;
  const image = await rest.expect<{ digest: string; size: number }>(200, 'GET', `/api/v1/images/${imageId}`);
  const bytes = Buffer.from(await (await rest.fetch(`/api/v1/images/${imageId}/content`)).arrayBuffer());
  expect(bytes.length).toBe(image.size);
  expect(`sha256:${sha256OfBytes(bytes)}`).toBe(image.digest);

  // The file uploaded is in the captured image: a second VM is made from it and asked.
  const second = await rest.expect<RestJob & { subject: Ids }>(
    202,
    'POST',
    `/api/v1/projects/${projectId}/vms`,
    {
      ...(await tinyRequest(bo, 'again')),
      imageId,
    },
  );
  await rest.done(second.id);
  await booted(bo, second.subject.id);
  const again = await rest.fetch(
    `/api/v1/vms/${second.subject.id}/files/content?path=${encodeURIComponent('数据 one.bin')}`,
  );
  expect(sha256OfBytes(Buffer.from(await again.arrayBuffer()))).toBe(sha256OfBytes(content));

  const build = await rest.expect<RestJob>(202, 'POST', `/api/v1/projects/${projectId}/packages`, {
    version: '1.0',
    imageOfVm: { [vm.name]: imageId, again: imageId },
  });
  const { packageId } = (await rest.done(build.id)).result as Ids;
  const publish = await rest.expect<RestJob>(202, 'POST', `/api/v1/packages/${packageId}/publish`, {
    type: 'Video Application',
    industry: 'Smart Park',
    notes: 'First release',
  });
  const release = (await rest.done(publish.id)).result as {
    appId: string;
    releaseId: string;
    digest: string;
  };

  // The store is open to guests.
  const found = (await (await fetch(new URL(`/api/v1/store/apps/${release.appId}`, server.url))).json()) as {
    name: string;
  };
  const csar = Buffer.from(
    await (
      await fetch(new URL(`/api/v1/store/releases/${release.releaseId}/content`, server.url))
    ).arrayBuffer(),
  );
  expect(`sha256:${sha256OfBytes(csar)}`).toBe(release.digest);
  const folder = mkdtempSync(join(tmpdir(), 'csar-'));
  try {
    writeFileSync(join(folder, 'app.csar'), csar);
    checkCsar(join(folder, 'app.csar'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  expect(found.name).toBeTruthy();
  await removeProject(bo, projectId);
});
