import { expect, it, vi } from 'vitest';
import { newId } from '../db/id';
import { Problem } from '../problem';
import { containerImages } from './tables';
import { owner, testContainers } from './testing';

const signal = new AbortController().signal;
const digestOf = (version: number) => `sha256:${String(version).repeat(64)}`;
const pod = (name: string, version: number) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: web, image: 'a/web:${version}'}]}\n`;

/** Version 1 runs as `try`; the text says version 2. */
async function versionOneRuns() {
  const at = testContainers({
    of: () => Promise.resolve({ repository: (...path: string[]) => path.join('/') } as never),
    pullAccess: () => Promise.resolve({ address: 'registry.test', plainHttp: true }),
    revokePull: () => undefined,
  });
  for (const version of [1, 2]) {
    at.db
      .insert(containerImages)
      .values({
        id: newId('ctr'),
        projectId: 'prj',
        name: 'a/web',
        tag: String(version),
        digest: digestOf(version),
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        configDigests: [],
        platforms: [],
        size: 1,
        layers: 1,
        source: { kind: 'upload', fileName: 'web.tar' },
        createdBy: 'owner',
        createdAt: 1,
        updatedAt: 1,
      })
      .run();
  }
  const say = (text: string, basedOn: number | null) =>
    at.room.text.save(owner, { projectId: 'prj', content: { kind: 'manifests', text }, basedOn });
  const saved = await say(pod('old', 1), null);
  const input = { projectId: 'prj', siteId: 'edge', name: 'try', values: 'password: opensesame' };
  const { job, deployment } = await at.room.deployments.create(owner, input, signal);
  expect(await at.done(job)).toMatchObject({ state: 'done', error: undefined });
  await say(pod('new', 2), saved.updatedAt);
  const { id } = deployment;
  return {
    ...at,
    id,
    firstJob: job,
    sent: () => JSON.stringify(at.site.controls.specOf(id)?.objects),
    image: (version: number) =>
      at.room.list(owner, 'prj').find(({ digest }) => digest === digestOf(version))?.id ?? '',
  };
}

it('leaves what ran when a new version cannot come up', async () => {
  const at = await versionOneRuns();
  at.site.controls.failNext('deploy', new Problem('failed', 'workloads.errors.imagePull'));
  const { job } = await at.room.deployments.redeploy(owner, at.id, signal);
  expect(await at.done(job)).toMatchObject({ state: 'failed', undoError: undefined });
  expect(at.sent()).toContain(`projects/prj/a/web@${digestOf(1)}`);
  expect(at.site.controls.specOf(at.id)?.jobId).not.toBe(job.id);
  expect(at.site.controls.calls).not.toContain(`remove ${at.id}`);
  expect(await at.room.deployments.get(owner, at.id, signal)).toMatchObject({
    state: 'ready',
    error: { key: 'workloads.errors.imagePull' },
    images: [{ name: 'a/web:1', digest: digestOf(1) }],
  });
  await at.close();
});

it('gives the values it was deployed with back to nobody', async () => {
  const at = await versionOneRuns();
  const { job, deployment } = await at.room.deployments.redeploy(owner, at.id, signal);
  const shown = [
    job,
    deployment,
    await at.done(job),
    at.room.deployments.list(owner, 'prj'),
    await at.room.deployments.get(owner, at.id, signal),
  ];
  expect(JSON.stringify(shown)).not.toContain('opensesame');
  await at.close();
});

it('keeps the image of what ran while a change is cancelled, and goes back to it', async () => {
  const at = await versionOneRuns();
  const held = at.site.controls.hold('deploy');
  const { job } = await at.room.deployments.redeploy(owner, at.id, signal);
  await vi.waitFor(() => {
    expect(at.site.controls.calls.filter((call) => call === `deploy ${at.id}`)).toHaveLength(2);
  });
  await expect(at.room.remove(owner, at.image(1))).rejects.toMatchObject({
    key: 'containers.errors.imageUsed',
  });
  at.jobs.cancel(job.id);
  held.release();
  expect(await at.done(job)).toMatchObject({ state: 'cancelled', undoError: undefined });
  expect(at.sent()).toContain(digestOf(1));
  expect(await at.room.deployments.get(owner, at.id, signal)).toMatchObject({ state: 'ready' });
  await at.close();
});

it('stays removable when it cannot go back', async () => {
  const at = await versionOneRuns();
  const broken = new Problem('failed', 'workloads.errors.imagePull');
  vi.spyOn(at.site.workloads, 'deploy').mockRejectedValue(broken);
  const { job } = await at.room.deployments.redeploy(owner, at.id, signal);
  expect(await at.done(job)).toMatchObject({ state: 'failed', undoError: { key: broken.key } });
  expect(at.room.deployments.list(owner, 'prj')).toMatchObject([
    { state: 'notReady', refusals: { remove: null, redeploy: null } },
  ]);
  expect(await at.done(at.room.deployments.remove(owner, at.id))).toMatchObject({ state: 'done' });
  await at.close();
});
