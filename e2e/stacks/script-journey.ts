/** The main job by script alone: every step by the REST API, the same on every kind of site. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { checkCsar, sha256OfBytes } from './csar';
import type { RunningServer } from './edgeyard';
import type { Person } from './people';
import type { RestJob } from './rest';
import { upload } from './tus';
import { booted, bootVm, makeProject, removeProject, type VmRequest } from './vms';

interface Ids {
  id: string;
  imageId: string;
  packageId: string;
}

/**
 * From a project to a release in the store; the project is removed at the end.
 *
 * @param request what to ask for a VM of that name
 */
export async function appByScript(
  person: Person,
  server: RunningServer,
  request: (name: string) => Promise<VmRequest>,
): Promise<void> {
  const { rest } = person;
  const projectId = await makeProject(person);
  const vm = await bootVm(person, projectId, await request('guest'));

  const content = randomBytes(11 * 1024 * 1024);
  await upload(person, `/api/v1/vms/${vm.id}/files/uploads`, content, {
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
      ...(await request('again')),
      imageId,
    },
  );
  await rest.done(second.id);
  await booted(person, second.subject.id);
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
  await removeProject(person, projectId);
}
