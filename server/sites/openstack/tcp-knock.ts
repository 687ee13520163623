import { connect } from 'node:net';

/** What came back: a connection, a refusal by the guest itself, nothing in time, or word that there is no way. */
export type Knock = 'open' | 'refused' | 'silent' | 'noRoute';

/**
 * Opens a TCP connection and closes it at once.
 *
 * @param timeoutMs milliseconds until no answer counts as silence
 * @throws the signal's reason when it aborts
 */
export async function tryConnect(
  host: string,
  port: number,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Knock> {
  signal?.throwIfAborted();
  const knock = await new Promise<Knock>((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const stop = () => socket.destroy();
    signal?.addEventListener('abort', stop, { once: true });
    const end = (found: Knock) => {
      resolve(found);
      socket.destroy();
    };
    socket.once('connect', () => end('open'));
    socket.once('timeout', () => end('silent'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(knockOf(error.code)));
    socket.once('close', () => {
      signal?.removeEventListener('abort', stop);
      resolve('silent');
    });
  });
  signal?.throwIfAborted();
  return knock;
}

function knockOf(code: string | undefined): Knock {
  if (code === 'ECONNREFUSED' || code === 'ECONNRESET') return 'refused';
  return code === 'ETIMEDOUT' ? 'silent' : 'noRoute';
}
