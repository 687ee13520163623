import { expect, it, vi } from 'vitest';
import { sharedWork, type Caller } from './shared-work';

/** Work that ends when the test says so, and stops when told. */
function bench() {
  const share = sharedWork<string>();
  const runs: { finish: (value: string) => void; signal: AbortSignal }[] = [];
  const ask = (caller: Caller = {}) =>
    share(
      'key',
      caller,
      ({ signal, progress }) =>
        new Promise((resolve, reject) => {
          progress(1, 2);
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
          });
          runs.push({
            signal,
            finish: (value) => {
              progress(2, 2);
              resolve(value);
            },
          });
        }),
    );
  return { ask, runs };
}

it('does the work once for all who ask meanwhile, and tells each how far it is', async () => {
  const { ask, runs } = bench();
  const progress = vi.fn<(done: number, total: number) => void>();
  const answers = [ask(), ask({ progress })];
  await vi.waitFor(() => {
    expect(runs).toHaveLength(1);
  });
  runs[0]?.finish('made');
  expect(await Promise.all(answers)).toEqual(['made', 'made']);
  expect(progress).toHaveBeenLastCalledWith(2, 2);

  const again = ask();
  await vi.waitFor(() => {
    expect(runs).toHaveLength(2);
  });
  runs[1]?.finish('anew');
  expect(await again).toBe('anew');
});

it('goes on for the others when one aborts, and stops with the last', async () => {
  const { ask, runs } = bench();
  const [first, second] = [new AbortController(), new AbortController()];
  const answers = [ask({ signal: first.signal }), ask({ signal: second.signal })];
  await vi.waitFor(() => {
    expect(runs).toHaveLength(1);
  });
  first.abort(new Error('first left'));
  await expect(answers[0]).rejects.toThrow('first left');
  expect(runs[0]?.signal.aborted).toBe(false);
  second.abort(new Error('second left'));
  await expect(answers[1]).rejects.toThrow('second left');
  expect(runs[0]?.signal.aborted).toBe(true);
});

it('starts anew for who asks while stopped work is still clearing up', async () => {
  const { ask, runs } = bench();
  const stop = new AbortController();
  const stopped = ask({ signal: stop.signal });
  await vi.waitFor(() => {
    expect(runs).toHaveLength(1);
  });
  stop.abort(new Error('left'));
  const next = ask();
  await expect(stopped).rejects.toThrow('left');
  await vi.waitFor(() => {
    expect(runs).toHaveLength(2);
  });
  runs[1]?.finish('made');
  expect(await next).toBe('made');
});
