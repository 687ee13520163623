import type { Notice } from '@/server/jobs/events';

/** What the browser hears of a change. */
export type Change = Pick<Notice, 'topic' | 'id'>;

export interface NoticeStreamHandlers {
  onChanges(changes: readonly Change[]): void;
  /** Notices were missed: everything on screen may be old. */
  onMissed(): void;
  onConnected(connected: boolean): void;
}

/** Notices that come within this time are handed on together: a busy job sends four a second. */
const gatherFor = 150;
/** A server pings every 20 s; without a sign for this long the line is dead, although nothing said so. */
const deadAfter = 45_000;
/** Pause before a new attempt when the browser itself has given up (an answer that was no stream). */
const retryAfter = 5_000;

/**
 * Listens to the server's notices until closed, and again after every cut.
 *
 * @returns closes the stream
 */
export function openNoticeStream(url: string, handlers: NoticeStreamHandlers): () => void {
  const gathered = new Map<string, Change>();
  let source: EventSource | undefined;
  let heardBefore = false;
  let handOn: ReturnType<typeof setTimeout> | undefined;
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;

  const alive = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(connect, deadAfter);
  };
  const gather = (change: Change) => {
    gathered.set(`${change.topic} ${change.id}`, change);
    handOn ??= setTimeout(() => {
      handOn = undefined;
      const changes = [...gathered.values()];
      gathered.clear();
      handlers.onChanges(changes);
    }, gatherFor);
  };

  function connect(): void {
    source?.close();
    clearTimeout(retry);
    const opened = new EventSource(url);
    source = opened;
    opened.addEventListener('open', () => {
      alive();
      handlers.onConnected(true);
      if (heardBefore) handlers.onMissed();
      heardBefore = true;
    });
    opened.addEventListener('notice', (event: MessageEvent<string>) => {
      alive();
      gather(JSON.parse(event.data) as Change);
    });
    opened.addEventListener('ping', alive);
    opened.addEventListener('resync', () => {
      alive();
      handlers.onMissed();
    });
    opened.addEventListener('error', () => {
      handlers.onConnected(false);
      // The browser tries again by itself after a cut, but not after an answer that was no stream.
      if (opened.readyState === EventSource.CLOSED) retry = setTimeout(connect, retryAfter);
    });
    alive();
  }

  connect();
  return () => {
    source?.close();
    for (const timer of [handOn, watchdog, retry]) clearTimeout(timer);
  };
}
