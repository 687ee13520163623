import { afterEach, expect, it, vi } from 'vitest';
import type { House } from '../../house';
import {
  memoryRegistry,
  operator,
  testDistributions,
  testEdge,
  testRelease,
} from '../../operations/distribution/testing';
import type { Distribution } from '../../operations/distribution/schemas';
import type { EdgeView } from '../../operations/edges/schemas';
import { houseWith } from '../testing';
import { restApp } from './app';

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

/** The API on two edges, of which one has no space for the first of two releases. */
function open() {
  const home = memoryRegistry();
  const capacity = { nodes: [{ name: 'n1', freeDiskGiB: 1 }] } as unknown as NonNullable<
    EdgeView['capacity']
  >;
  const edges = [testEdge({ id: 'full', capacity }), testEdge({ id: 'e2' })];
  const releases = [
    testRelease({ id: 'big', name: 'Big' }, [home.add('big', { big: 2 ** 31 })]),
    testRelease({ id: 'small', name: 'Small' }, [home.add('small', { small: 10 })]),
  ];
  const made = testDistributions({ edges, releases, home });
  endings.push(() => made.jobs.stop());
  made.jobs.run();
  const house = houseWith({
    db: made.db,
    jobs: made.jobs,
    log: { error: () => undefined },
    access: { actorOf: () => Promise.resolve(operator) },
    operations: { distributions: made.room },
  } as unknown as Partial<House>);
  const app = restApp(house);
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await app.request(`/api/v1/distributions${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    return { status: answer.status, body: (await answer.json()) as Distribution };
  };
  const over = (id: string) =>
    vi.waitFor(async () => {
      const { body } = await call('GET', `/${id}`);
      expect(body.state).not.toBe('running');
      return body;
    }, 5000);
  return { call, over };
}

it('tells cells page by page, sends anyway what does not fit, and sets failures aside', async () => {
  const { call, over } = open();
  const wish = { releaseIds: ['big', 'small'], edgeIds: ['full', 'e2'] };
  const begun = await call('POST', '', wish);
  expect(begun.status).toBe(202);
  const { id } = begun.body;
  expect(await over(id)).toMatchObject({ total: 4, counts: { done: 3, failed: 1 } });
  const page = await call('GET', `/${id}?limit=1&offset=1&edgeId=full`);
  expect(page.body).toMatchObject({ total: 2, cells: [{ releaseId: 'small', edgeId: 'full' }] });
  const failed = await call('GET', `/${id}?state=failed`);
  expect(failed.body.cells).toMatchObject([
    { problem: { code: 'no_space', params: { needed: 2 ** 31, free: 2 ** 30, name: 'Big', edge: 'full' } } },
  ]);
  expect(await call('POST', `/${id}/dismiss`, {})).toMatchObject({ status: 200, body: { count: 1 } });
  expect((await call('POST', `/${id}/dismiss`, {})).status).toBe(409);
  expect((await call('POST', `/${id}/retry`, { anyway: true })).status).toBe(202);
  expect(await over(id)).toMatchObject({ state: 'done', counts: { done: 4, failed: 0 } });
  expect((await call('GET', `/${id}?limit=100000`)).status).toBe(422);
});
