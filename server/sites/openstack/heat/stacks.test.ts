import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ImageLibrary } from '../../image-library';
import { openCloud } from '../session';
import { json, openTestingCloud, type TestingCloud } from '../testing-cloud';
import { heatStacks } from './stacks';

let testing: TestingCloud;
let cloud: ReturnType<typeof openCloud>;
beforeEach(async () => {
  testing = await openTestingCloud();
  cloud = openCloud(testing.access, { backOffMs: 1 });
});
afterEach(async () => {
  await cloud.close();
  await testing.close();
});

const wish = {
  name: 'shop',
  deploymentId: 'dep_1',
  jobId: 'job_1',
  template: 'heat_template_version: 2018-08-31',
  parameters: {},
  images: new Map<string, string>(),
};

/** A project in which somebody else has a stack `shop`. */
function withForeignStack(): void {
  const foreign = { id: 's1', stack_name: 'shop', stack_status: 'CREATE_COMPLETE' };
  testing.on(/GET \/heat\/v1\/p1\/stacks\?/, json(200, { stacks: [{ ...foreign, tags: ['theirs'] }] }));
  testing.on(/GET .*\/stacks\/shop\/s1$/, json(200, { stack: foreign }));
  testing.on(
    /POST .*\/stacks$/,
    json(409, {
      code: 409,
      title: 'Conflict',
      error: { message: 'The Stack (shop) already exists.', type: 'StackExists' },
    }),
  );
}

const notAsked = () => Promise.reject(new Error('not asked for here'));
const none: ImageLibrary = { list: notAsked, path: notAsked };

it('leave a stack of somebody else alone that has the name', async () => {
  withForeignStack();
  const stacks = heatStacks(cloud, none, notAsked);
  await expect(stacks.create(wish, {})).rejects.toMatchObject({ code: 'conflict' });
  expect(await stacks.find(wish, {})).toBeUndefined();
  expect(testing.asked.map(({ method }) => method)).not.toContain('DELETE');
});

it('carry the deployment and the job as tags', async () => {
  withForeignStack();
  const stacks = heatStacks(cloud, none, notAsked);
  await expect(stacks.create(wish, {})).rejects.toThrow();
  const made = testing.asked.find(({ method }) => method === 'POST');
  expect(JSON.parse(made?.body ?? '{}')).toMatchObject({
    tags: 'edgeyard-deployment-dep_1,edgeyard-job-job_1',
  });
});
