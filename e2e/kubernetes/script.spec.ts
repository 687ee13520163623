/** A container app by script alone: from an archive to pods on a real cluster, to the store and out of it again. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { addCluster, expect, openRegistryToNodes, test } from '../stacks/edge-server';
import { kubeconfigFileOf } from '../stacks/kubernetes/clusters';
import type { RestJob } from '../stacks/rest';
import { testImage } from '../stacks/test-image';
import { makeProject } from '../stacks/vms';
import { expectAnswer, publishVersion, pulledFromStore, sendArchive, webManifests } from '../stacks/web-app';

const run = promisify(execFile);
const kubectl = async (...words: string[]) =>
  (await run('kubectl', ['--kubeconfig', kubeconfigFileOf('edge1'), ...words])).stdout.trim();

// Clusters have one name each, and other files add the same ones.
test.use({ world: 'script' });

interface Image {
  id: string;
  name: string;
  tag: string;
  digest: string;
}

interface Tried {
  id: string;
  state: string;
  status: { endpoints: { url: string }[]; parts: { containers: { digest?: string }[] }[] };
}

test('from an archive to pods, to the store and out of it, by script @S13 @S16 @S17 @S18 @S19', async ({
  ada,
  bo,
}) => {
  const registry = await openRegistryToNodes(ada);
  const siteId = await addCluster(ada, 'edge1');
  const projectId = await makeProject(bo, undefined, 'container');
  const image = testImage({ seed: registry, version: 'one' });

  await sendArchive(bo, projectId, image.dockerArchive('acme/web:1'));
  const { images } = await bo.rest.until(
    async () =>
      (await bo.rest.call<{ images: Image[] }>('GET', `/api/v1/projects/${projectId}/container-images`)).body,
    (body) => body.images.length > 0,
  );
  expect(images).toMatchObject([{ name: 'acme/web', tag: '1' }]);
  const known = await bo.rest.expect<{ known: { digest: string }[] }>(
    200,
    'POST',
    `/api/v1/projects/${projectId}/container-images/known`,
    { digests: [image.config.digest] },
  );
  expect(known.known).toMatchObject([{ digest: image.config.digest }]);

  await bo.rest.expect(200, 'PUT', `/api/v1/projects/${projectId}/deployment-text`, {
    content: { kind: 'manifests', text: webManifests() },
    basedOn: null,
  });
  const name = `script-${String(process.pid)}`;
  const tests = `/api/v1/projects/${projectId}/test-deployments`;
  const deploy = await bo.rest.expect<RestJob>(202, 'POST', tests, { siteId, name });
  await bo.rest.done(deploy.id);
  const { deployments } = await bo.rest.expect<{ deployments: Tried[] }>(200, 'GET', tests);
  const tried = await bo.rest.expect<Tried>(200, 'GET', `/api/v1/test-deployments/${deployments[0]?.id}`);
  expect(tried.state).toBe('ready');
  expect(tried.status.parts).toHaveLength(2);
  for (const part of tried.status.parts) expect(part.containers[0]?.digest).toBe(images[0]?.digest);
  expect(tried.status.endpoints.length).toBeGreaterThan(0);
  for (const { url } of tried.status.endpoints) await expectAnswer(() => url, 'version one');

  const removal = await bo.rest.expect<RestJob>(202, 'DELETE', `/api/v1/test-deployments/${tried.id}`);
  await bo.rest.done(removal.id);
  expect(await kubectl('get', 'namespaces', '-o', 'name')).not.toContain(name);

  const releaseId = await publishVersion(bo, projectId, '1.0');
  const release = await bo.rest.expect<{
    locations: { artifact: { repository: string; digest: string } | null }[];
  }>(200, 'GET', `/api/v1/store/releases/${releaseId}`);
  const place = release.locations[0]?.artifact;
  expect(place?.digest).toBe(images[0]?.digest);
  const stored = `store/${place?.repository}@${place?.digest}`;
  expect(await pulledFromStore(ada, registry, stored, ({ digest }) => digest)).toBe(place?.digest);
});
