import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { untilAborted } from './until-aborted';

const never = new Promise<never>(() => undefined);

it('gives what the work gives, and listens no longer', async () => {
  const { signal } = new AbortController();
  expect(await untilAborted(Promise.resolve(1), signal)).toBe(1);
  await expect(untilAborted(Promise.reject(new Error('work')), signal)).rejects.toThrow('work');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

it('ends with the signal, also where the work goes on or fails later', async () => {
  const stop = new AbortController();
  let fail: (error: Error) => void = () => undefined;
  const waiting = untilAborted(
    new Promise((_, reject) => {
      fail = reject;
    }),
    stop.signal,
  );
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  fail(new Error('too late to be heard'));
  await expect(untilAborted(never, stop.signal)).rejects.toThrow('enough');
});
