import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Change } from './notice-stream';
import { openSharedNotices } from './shared-notices';

/** The browser's EventSource, driven by the test. */
class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static open: FakeSource[] = [];
  readyState = 0;

  constructor(readonly url: string) {
    super();
    FakeSource.open.push(this);
  }

  close(): void {
    this.readyState = FakeSource.CLOSED;
    FakeSource.open = FakeSource.open.filter((each) => each !== this);
  }

  send(type: string, data: object = {}): void {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }));
  }
}

/** Locks as the browser has them: one holder, the others in a row. */
function fakeLocks() {
  let last: Promise<unknown> = Promise.resolve();
  return {
    request: (_name: string, { signal }: { signal: AbortSignal }, hold: () => Promise<void>) => {
      const turn = last.then(() => (signal.aborted ? undefined : hold()));
      last = turn;
      return turn;
    },
  };
}

function tab() {
  const heard: string[] = [];
  const close = openSharedNotices('/events', {
    onChanges: (changes: readonly Change[]) => heard.push(...changes.map(({ id }) => id)),
    onMissed: () => heard.push('missed'),
    onConnected: (connected) => heard.push(connected ? 'on' : 'off'),
  });
  return { heard, close };
}

const source = () =>
  vi.waitFor(() => {
    expect(FakeSource.open.length).toBe(1);
    return FakeSource.open[0] as FakeSource;
  });

beforeEach(() => {
  vi.stubGlobal('EventSource', FakeSource);
  vi.stubGlobal('navigator', { locks: fakeLocks() });
});
afterEach(() => {
  vi.unstubAllGlobals();
  FakeSource.open = [];
});

describe('notices', () => {
  it('reach every tab by one connection, gathered', async () => {
    const [first, second] = [tab(), tab()];
    const stream = await source();
    stream.send('open');
    for (const id of ['a', 'a', 'b']) stream.send('notice', { topic: 'job', id });
    for (const { heard } of [first, second]) {
      await vi.waitFor(() => expect(heard).toEqual(['missed', 'on', 'a', 'b']));
    }
    first.close();
    second.close();
    await vi.waitFor(() => expect(FakeSource.open).toEqual([]));
  });

  it('go on in another tab when the one that listened is closed', async () => {
    const [first, second] = [tab(), tab()];
    const stream = await source();
    first.close();
    const next = await vi.waitFor(async () => {
      const found = await source();
      expect(found).not.toBe(stream);
      return found;
    });
    next.send('open');
    next.send('notice', { topic: 'job', id: 'later' });
    await vi.waitFor(() => expect(second.heard.slice(-3)).toEqual(['missed', 'on', 'later']));
    second.close();
  });

  it('tell of a cut, and that something was missed after it', async () => {
    const only = tab();
    const stream = await source();
    stream.send('open');
    stream.send('error');
    stream.send('open');
    stream.send('resync');
    expect(only.heard).toEqual(['missed', 'on', 'off', 'on', 'missed', 'missed']);
    only.close();
  });
});
