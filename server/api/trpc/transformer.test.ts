import { deserialize, serialize } from 'superjson';
import { describe, expect, it } from 'vitest';
import { transformer } from './transformer';

const passed = (value: unknown) =>
  transformer.deserialize(JSON.parse(JSON.stringify(transformer.serialize(value))) as never);

describe('what travels', () => {
  it('comes as it was, plain or not', () => {
    const values = [
      null,
      'text',
      -0,
      Number.POSITIVE_INFINITY,
      undefined,
      [1, [2, { three: false }]],
      { when: new Date(0), nothing: undefined, list: new Set([1]) },
      { plain: { nested: [null, 'a'] } },
    ];
    for (const value of values) expect(passed(value)).toStrictEqual(value);
  });

  it('is what superjson reads and writes', () => {
    for (const value of [{ a: [1, null] }, { at: new Date(5), gone: undefined }]) {
      expect(deserialize(transformer.serialize(value))).toStrictEqual(value);
      expect(transformer.deserialize(serialize(value))).toStrictEqual(value);
    }
  });

  it('may refer to itself', () => {
    const loop: { self?: unknown } = {};
    loop.self = loop;
    const back = passed(loop) as typeof loop;
    expect(back.self).toBe(back);
  });

  it('does not keep the server from its work', () => {
    const cells = Array.from({ length: 20_000 }, (_, index) => ({
      id: `cell_${index}`,
      done: index,
      problem: null,
    }));
    // The best of three: on a busy machine any one may be interrupted.
    const plain = Math.min(...[1, 2, 3].map(() => took(() => transformer.serialize({ cells }))));
    expect(plain).toBeLessThan(took(() => serialize({ cells })) / 3);
  });
});

function took(work: () => unknown): number {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}
