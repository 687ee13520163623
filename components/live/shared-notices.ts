import { openNoticeStream, type Change, type NoticeStreamHandlers } from './notice-stream';

type Message = { changes: readonly Change[] } | { missed: true } | { connected: boolean };

const name = 'edgeyard.notices';
/** How long a hidden tab keeps a stream of its own. */
const hiddenFor = 30_000;

/**
 * Listens to the server's notices, with one connection for all tabs: a browser opens only six to a server over
 * HTTP/1.1, so a stream in each of many tabs would leave none for anything else. The tab that holds a lock listens and
 * tells the others; when it goes, the next one takes over.
 *
 * @returns stops listening
 */
export function openSharedNotices(url: string, handlers: NoticeStreamHandlers): () => void {
  // Browsers give locks to secure pages only (HTTPS, localhost).
  if (!('locks' in navigator)) return openWhileVisible(url, handlers);
  const channel = new BroadcastChannel(name);
  const closing = new AbortController();
  channel.addEventListener('message', ({ data }: MessageEvent<Message>) => tell(handlers, data));
  const both = (message: Message) => {
    tell(handlers, message);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel has no target
    channel.postMessage(message);
  };
  const lead = async () => {
    // What changed while nobody listened is not known.
    both({ missed: true });
    const close = openNoticeStream(url, {
      onChanges: (changes) => both({ changes }),
      onMissed: () => both({ missed: true }),
      onConnected: (connected) => both({ connected }),
    });
    await new Promise<void>((resolve) => {
      closing.signal.addEventListener('abort', () => resolve());
    });
    close();
  };
  navigator.locks.request(name, { signal: closing.signal }, lead).catch(() => {
    // Closed before its turn came.
  });
  return () => {
    closing.abort();
    channel.close();
  };
}

function tell(handlers: NoticeStreamHandlers, message: Message): void {
  if ('changes' in message) handlers.onChanges(message.changes);
  else if ('connected' in message) handlers.onConnected(message.connected);
  else handlers.onMissed();
}

/** A stream for this tab alone, given up while nobody looks at it. */
function openWhileVisible(url: string, handlers: NoticeStreamHandlers): () => void {
  let close: (() => void) | undefined = openNoticeStream(url, handlers);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const changed = () => {
    clearTimeout(timer);
    if (document.visibilityState === 'hidden') {
      timer = setTimeout(() => {
        close?.();
        close = undefined;
      }, hiddenFor);
    } else if (!close) {
      close = openNoticeStream(url, handlers);
      handlers.onMissed();
    }
  };
  document.addEventListener('visibilitychange', changed);
  return () => {
    document.removeEventListener('visibilitychange', changed);
    clearTimeout(timer);
    close?.();
  };
}
