import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Actor } from '../access/actor';
import type { House } from '../house';
import { developer, operator, testDeployments } from '../operations/deployments/testing';
import { restApp } from './rest/app';
import { houseWith } from './testing';
import { createCaller } from './trpc/router';

const password = 'opensesame';
const values = `mail:\n  user: shop\n  password: ${password}\n`;
const others = `mail:\n  password: ${password}-2\n`;

let at: ReturnType<typeof testDeployments>;
let house: House;
beforeEach(() => {
  at = testDeployments();
  house = houseWith({
    db: at.db,
    jobs: at.jobs,
    log: { error: () => undefined },
    access: {
      actorOf: (headers: Headers) =>
        Promise.resolve(headers.get('authorization') === 'operator' ? operator : developer),
    },
    workbench: { projectIdsOf: () => [], canSee: () => false },
    operations: {
      deployments: at.room,
      sync: { release: at.release },
      edges: { mecHosts: { ipOf: () => undefined } },
    },
  } as unknown as Partial<House>);
});
afterEach(() => at.close());

/** An instance of EdgeGallery's clients, whose deployment was given values afterwards. */
async function instanceWith(given: string): Promise<{ instanceId: string; id: string }> {
  const { instances } = at.room;
  const wish = { releaseId: 'web1', siteId: 'north', name: 'shop', description: '' };
  const { id: instanceId } = instances.create(operator, wish);
  const { deployment } = await instances.instantiate(operator, instanceId, {});
  const { id = '' } = deployment ?? {};
  const { jobId = '' } = await at.room.get(operator, id);
  await at.done({ id: jobId });
  const { job } = await at.room.upgrade(operator, id, { releaseId: 'web2', values: given });
  await at.done(job);
  return { instanceId, id };
}

/** Everything that both doors answer about a deployment, as one text. */
async function answersTo(actor: Actor, id: string, instanceId?: string): Promise<string> {
  const caller = createCaller({ house, actor });
  const app = restApp(house);
  const paths = [
    '/api/v1/deployments',
    `/api/v1/deployments/${id}`,
    `/api/v1/deployments/${id}/events`,
    '/api/v1/jobs?kind=deployment.start',
    '/api/v1/jobs?kind=deployment.upgrade',
    '/appo/v1/tenants/t/app_instance_infos',
    ...(instanceId === undefined
      ? []
      : [
          `/appo/v1/tenants/t/app_instance_infos/${instanceId}`,
          `/appo/v1/tenants/t/app_instances/${instanceId}`,
        ]),
  ];
  const rest = await Promise.all(
    paths.map(async (path) => {
      const authorization = actor === operator ? 'operator' : 'developer';
      const answer = await app.request(path, { headers: { authorization } });
      expect(answer.status, path).toBe(200);
      return answer.text();
    }),
  );
  const trpc = [
    await caller.deployments.list({}),
    await caller.deployments.get({ id }),
    await caller.deployments.events({ id }),
  ];
  return JSON.stringify([rest, trpc]);
}

it('the values of a chart are for operators; developers learn how many there are, at both doors', async () => {
  const { id } = await at.deployed('web1', 'north', { values });
  const { job } = await at.room.upgrade(operator, id, { releaseId: 'web2', values: others });
  await at.done(job);

  const seen = await createCaller({ house, actor: developer }).deployments.get({ id });
  expect(seen).toMatchObject({ values: null, valuesGiven: 1, template: null });
  expect(seen.revisions).toMatchObject([
    { values: null, valuesGiven: 2 },
    { values: null, valuesGiven: 1 },
  ]);
  expect(await answersTo(developer, id)).not.toContain(password);

  const own = await createCaller({ house, actor: operator }).deployments.get({ id });
  expect(own).toMatchObject({ values: others, valuesGiven: 1 });
  expect(own.revisions.map((revision) => revision.values)).toEqual([values, others]);
  expect(await answersTo(operator, id)).toContain(password);
});

it('EdgeGallery’s clients hear no more of values than others', async () => {
  const { instanceId, id } = await instanceWith(values);
  const site = `quoted "${password}"`;
  at.db.$client.prepare('UPDATE deployments SET reason = ?').run(site);
  const look = vi.spyOn(at.north.workloads, 'status').mockRejectedValue(new Error('away'));
  expect(at.room.instances.get(operator, instanceId).deployment?.reason).toBe(site);
  expect(await answersTo(developer, id, instanceId)).not.toContain(password);
  expect(await answersTo(operator, id, instanceId)).toContain(site.slice(0, 6));
  expect(look).toHaveBeenCalled();
});

it('a site that quotes what it refuses is heard by operators alone', async () => {
  const { id } = await at.deployed('web1', 'north', { values });
  at.db.$client
    .prepare(`UPDATE deployments SET reason = ?, revisions = json_set(revisions, '$[0].problem', json(?))`)
    .run(
      `Invalid value: "${password}"`,
      JSON.stringify({ code: 'failed', key: 'workloads.errors.refused', params: {}, detail: password }),
    );
  expect(JSON.stringify(at.room.list(developer, {}))).not.toContain(password);
  expect(at.room.list(operator, {})[0]?.reason).toContain(password);
  expect(at.room.list(operator, {})[0]?.revisions[0]?.problem?.detail).toBe(password);
  expect(id).toBeTruthy();
});

it('what a site tells of parts, and what happened there, is heard without its words', async () => {
  const { id } = await at.deployed('web1', 'north', { values });
  const part = {
    name: 'web-1',
    owner: 'Deployment/web',
    state: 'failed',
    reason: 'CreateContainerConfigError',
    detail: `refused "${password}"`,
    addresses: [],
    containers: [],
  };
  at.db.$client.prepare('UPDATE deployments SET parts = ?').run(JSON.stringify([part]));
  const event = { at: 1, about: 'Pod/web-1', warning: true, reason: 'Failed', message: `no "${password}"` };
  vi.spyOn(at.north.workloads, 'events').mockResolvedValue([event]);
  vi.spyOn(at.north.workloads, 'status').mockRejectedValue(new Error('away'));

  expect(at.room.list(developer, {})[0]?.parts).toEqual([{ ...part, detail: undefined }]);
  expect(await at.room.events(developer, id)).toMatchObject([{ status: 'Failed', reason: '' }]);
  expect(await answersTo(developer, id)).not.toContain(password);
  expect(at.room.list(operator, {})[0]?.parts).toEqual([part]);
  expect(await at.room.events(operator, id)).toMatchObject([{ reason: event.message }]);
});

it('without values developers see what was sent, as the package says it', async () => {
  const { id } = await at.deployed('web1', 'north');
  const seen = await createCaller({ house, actor: developer }).deployments.get({ id });
  expect(seen).toMatchObject({ values: '', valuesGiven: 0 });
  expect(seen.template).toContain('kind: Deployment');
});

it('an upgrade is planned by those who may do it, as the plan shows what runs', async () => {
  const { id } = await at.deployed('web1', 'north', { values });
  const upgrade = { releaseId: 'web2', parameters: {}, values: '' };
  const asked = createCaller({ house, actor: developer }).deployments.planUpgrade({ id, upgrade });
  await expect(asked).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await expect(at.room.planUpgrade(developer, id, upgrade)).rejects.toMatchObject({ code: 'forbidden' });
  const answer = await restApp(house).request(`/api/v1/deployments/${id}/plan-upgrade`, {
    method: 'POST',
    headers: { authorization: 'developer', 'content-type': 'application/json' },
    body: JSON.stringify(upgrade),
  });
  expect(answer.status).toBe(403);
  expect((await at.room.planUpgrade(operator, id, upgrade)).before).toContain(password);
});
