import { expect, it } from 'vitest';
import { makeGate } from './gate';

const never = new AbortController().signal;

it('holds new writes back, waits for those that run, and lets all in again', async () => {
  const gate = makeGate();
  const order: string[] = [];
  let finish: () => void = () => undefined;
  const first = gate.pass(() => new Promise<void>((resolve) => (finish = resolve)));
  const counts: number[] = [];
  const closing = gate
    .close(never, (running) => counts.push(running))
    .then((open) => {
      order.push('closed');
      return open;
    });
  const second = gate.pass(async () => void order.push('written'));
  expect(gate.closed).toBe(true);
  expect(await gate.opened(1)).toBe(false);
  finish();
  await first;
  const open = await closing;
  expect(counts).toContain(1);
  open();
  await second;
  expect(order).toEqual(['closed', 'written']);
  expect(await gate.opened(1)).toBe(true);
});

it('stays closed until the last of several opens it', async () => {
  const gate = makeGate();
  const [one, other] = [await gate.close(never), await gate.close(never)];
  one();
  one();
  expect(gate.closed).toBe(true);
  other();
  expect(gate.closed).toBe(false);
});

it('is open again when who closes it gives up, and lets a waiting write give up', async () => {
  const gate = makeGate();
  let finish: () => void = () => undefined;
  const running = gate.pass(() => new Promise<void>((resolve) => (finish = resolve)));
  await expect(gate.close(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  expect(gate.closed).toBe(false);
  finish();
  await running;
  const open = await gate.close(never);
  await expect(gate.pass(async () => 1, AbortSignal.abort(new Error('no more')))).rejects.toThrow('no more');
  open();
});
