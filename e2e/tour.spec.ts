/** Takes the pictures of the README's tour. They are kept with `UPDATE_TOUR=1`; else only that they can be taken is tested. */
import type { RestJob } from './stacks/rest';
import { expect, test } from './stacks/test';
import { picture } from './stacks/tour';
import { upload } from './stacks/tus';
import { bootTiny, makeProject, removeProject } from './stacks/vms';

test('the tour of the README', async ({ bosPage: page, bo, server }) => {
  test.setTimeout(300_000);
  const projectId = await makeProject(bo, 'Edge camera');
  await bo.rest.expect(200, 'PATCH', `/api/v1/projects/${projectId}`, {
    description: 'Counts people and cars at a crossing, on the spot. Pictures never leave the site.',
    readme:
      '## What it does\n\nReads a camera, counts, and answers on port 8080.\n\n- no cloud\n- 256 MiB of memory\n',
  });
  const vm = await bootTiny(bo, projectId, 'camera');
  await upload(bo, `/api/v1/vms/${vm.id}/files/uploads`, Buffer.alloc(400_000, 'model'), {
    filename: 'model.tflite',
  });
  await upload(bo, `/api/v1/vms/${vm.id}/files/uploads`, Buffer.from('#!/bin/sh\n'), {
    filename: 'start.sh',
  });
  const at = (path: string) => page.goto(`${server.url}/projects/${projectId}${path}`);

  await at('');
  await expect(page.getByRole('img', { name: /Screen of camera/ })).toBeVisible();
  await picture(page, 'project');
  await at('/vms/new');
  await expect(page.getByText('Fits', { exact: true })).toBeVisible();
  await picture(page, 'new-vm');
  await at(`/vms/${vm.id}`);
  await expect(page.getByText('The console is connected.')).toBeAttached();
  await picture(page, 'console');
  await at(`/vms/${vm.id}?tab=files`);
  await expect(page.getByText('model.tflite')).toBeVisible();
  await picture(page, 'files');

  const capture = await bo.rest.expect<RestJob>(202, 'POST', `/api/v1/vms/${vm.id}/capture`, {
    name: 'Edge camera 1.0',
  });
  const { imageId } = (await bo.rest.done(capture.id)).result as { imageId: string };
  const boot = await bo.rest.expect<RestJob>(202, 'POST', `/api/v1/images/${imageId}/boot-test`, {});
  await bo.rest.done(boot.id);
  await page.goto(`${server.url}/images/${imageId}`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.locator('main img').first()).toBeVisible();
  await picture(page, 'image');

  const build = await bo.rest.expect<RestJob>(202, 'POST', `/api/v1/projects/${projectId}/packages`, {
    version: '1.0',
    imageOfVm: { camera: imageId },
  });
  const { packageId } = (await bo.rest.done(build.id)).result as { packageId: string };
  await at(`/packages/${packageId}`);
  await expect(page.getByText('Verified').first()).toBeVisible();
  await picture(page, 'package');

  const publish = await bo.rest.expect<RestJob>(202, 'POST', `/api/v1/packages/${packageId}/publish`, {
    type: 'Video Surveillance',
    industry: 'Transportation Logistics',
    notes: 'The first release.',
  });
  const release = (await bo.rest.done(publish.id)).result as { appId: string };
  await page.goto(`${server.url}/store/apps/${release.appId}`);
  await expect(page.getByText('The first release.')).toBeVisible();
  await picture(page, 'store');
  await removeProject(bo, projectId);
});
