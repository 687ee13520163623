import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, expect, it, vi } from 'vitest';
import { refresh } from './refresh';

const client = new QueryClient();
afterEach(() => client.clear());

/** A query on screen, whose answers come when the test says so. */
function watched(name: string) {
  const answers: ((value: number) => void)[] = [];
  const ask = vi.fn(() => new Promise<number>((answer) => answers.push(answer)));
  const observer = new QueryObserver(client, { queryKey: [name], queryFn: ask });
  const seen: (number | undefined)[] = [];
  observer.subscribe(({ data }) => seen.push(data));
  return { ask, seen, answer: (value: number) => answers.shift()?.(value) };
}

it('asks again what is old', async () => {
  const { ask, seen, answer } = watched('a');
  answer(1);
  await vi.waitFor(() => expect(seen.at(-1)).toBe(1));
  refresh(client, { queryKey: ['a'] });
  expect(ask).toHaveBeenCalledTimes(2);
  answer(2);
  await vi.waitFor(() => expect(seen.at(-1)).toBe(2));
});

it('shows an answer that is on its way, and then asks once more however much changed meanwhile', async () => {
  const { ask, seen, answer } = watched('b');
  for (let times = 0; times < 3; times++) refresh(client, { queryKey: ['b'] });
  expect(ask).toHaveBeenCalledTimes(1);
  answer(1);
  await vi.waitFor(() => expect(ask).toHaveBeenCalledTimes(2));
  expect(seen).toContain(1);
  answer(2);
  await vi.waitFor(() => expect(seen.at(-1)).toBe(2));
  expect(ask).toHaveBeenCalledTimes(2);
});
