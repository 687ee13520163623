import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readAnswer, readPages } from './answers';
import type { Ask } from './cloud';

const item = z.object({ id: z.string() });
const ids = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `${from + index}` }));

/** Reads pages out of a function, and notes what was asked. */
async function pages(
  ask: Partial<Ask> & { key: string },
  answer: (query: NonNullable<Ask['query']>) => unknown,
) {
  const queries: NonNullable<Ask['query']>[] = [];
  const found = await readPages(
    { service: 'compute', path: '/things', schema: item, ...ask },
    async (page) => {
      queries.push({ ...page.query });
      return JSON.stringify(answer(page.query ?? {}));
    },
  );
  return { found: found.map(({ id }) => id), queries };
}

describe('pages of a list', () => {
  it('are followed by nova’s and neutron’s links, whose address may be another one', async () => {
    const next = { rel: 'next', href: 'http://inside:8774/v2.1/things?limit=2&marker=1' };
    const { found, queries } = await pages({ key: 'things', query: { status: 'ACTIVE' } }, ({ marker }) =>
      marker === undefined
        ? { things: ids(0, 2), things_links: [{ rel: 'previous', href: 'http://x/' }, next] }
        : { things: ids(2, 1), things_links: [] },
    );
    expect(found).toEqual(['0', '1', '2']);
    expect(queries[1]).toEqual({ status: 'ACTIVE', limit: '2', marker: '1' });
  });

  it('are followed by glance’s `next`, and asked for in larger ones than its 25', async () => {
    const { found, queries } = await pages({ key: 'images', service: 'image' }, ({ marker }) =>
      marker === undefined
        ? { images: ids(0, 1), first: '/v2/images', next: '/v2/images?marker=0&limit=200' }
        : { images: ids(1, 1) },
    );
    expect(found).toEqual(['0', '1']);
    expect(queries[0]).toEqual({ limit: 200 });
  });

  it('are followed by the last id where nothing is linked', async () => {
    const { found } = await pages({ key: 'stacks', query: { limit: 2 } }, ({ marker }) => ({
      stacks: marker === undefined ? ids(0, 2) : marker === '1' ? ids(2, 2) : [],
    }));
    expect(found).toEqual(['0', '1', '2', '3']);
  });

  it('end where a page is shorter than the limit, or has none', async () => {
    expect((await pages({ key: 'a', query: { limit: 3 } }, () => ({ a: ids(0, 2) }))).queries).toHaveLength(
      1,
    );
    expect((await pages({ key: 'a' }, () => ({ a: ids(0, 50) }))).queries).toHaveLength(1);
  });

  it('that go in a circle are a fault', async () => {
    const circle = { things: ids(0, 1), things_links: [{ rel: 'next', href: '/things?marker=0' }] };
    await expect(pages({ key: 'things' }, () => circle)).rejects.toThrow('openstack.errors.badAnswer');
  });

  it('without the list are a fault', async () => {
    await expect(pages({ key: 'things' }, () => ({ other: [] }))).rejects.toThrow(
      'openstack.errors.badAnswer',
    );
  });
});

it('an answer keeps its content out of the fault but for where it is wrong', () => {
  const ask = { service: 'compute', path: '/servers/1', schema: z.object({ server: item }) } as const;
  expect(() => readAnswer(ask, '{"server": {"id": 5, "adminPass": "hush"}}')).toThrow(
    expect.objectContaining({
      key: 'openstack.errors.badAnswer',
      detail: expect.not.stringContaining('hush') as string,
    }) as Error,
  );
});
