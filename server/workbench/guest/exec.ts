import type { Client, ClientChannel } from 'ssh2';
import { Problem } from '../../problem';

export interface ExecOptions {
  signal: AbortSignal;
  /** The command is given up after this many milliseconds. */
  timeoutMs: number;
  /** Called for every line of both outputs. */
  onLine?: ((line: string) => void) | undefined;
  /** Given to the command's standard input. */
  input?: string | undefined;
}

export interface ExecResult {
  /** undefined when a signal ended the command. */
  code: number | undefined;
  /** The last 64 KiB of standard output. */
  stdout: string;
  /** The last 4 KiB of standard error. */
  stderr: string;
}

/**
 * Runs a shell command in the guest.
 *
 * @throws Problem `failed` after the timeout, `cancelled`, `unavailable` when the connection breaks
 */
export async function execInGuest(
  client: Client,
  command: string,
  options: ExecOptions,
): Promise<ExecResult> {
  const { channel, exit } = await openChannel(client, command);
  return new Promise((resolve, reject) => {
    const stdout = tail(64 * 1024);
    const stderr = tail(4 * 1024);
    const lines = lineFeeder(options.onLine);
    const stop = (problem: Problem) => {
      settle();
      // Closing the channel hangs the command up; TERM first, for servers that pass signals on.
      try {
        channel.signal('TERM');
        channel.close();
      } catch {
        // The connection is gone already.
      }
      reject(problem);
    };
    const timer = setTimeout(() => {
      stop(new Problem('failed', 'files.errors.commandTimeout', { seconds: options.timeoutMs / 1000 }));
    }, options.timeoutMs);
    const onAbort = () => stop(new Problem('cancelled', 'problems.cancelled'));
    const settle = () => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', onAbort);
    };
    if (options.signal.aborted) {
      onAbort();
      return;
    }
    options.signal.addEventListener('abort', onAbort, { once: true });
    channel.on('data', (data: Buffer) => {
      stdout.add(data);
      lines.add(data);
    });
    channel.stderr.on('data', (data: Buffer) => {
      stderr.add(data);
      lines.add(data);
    });
    channel.on('error', () => undefined);
    channel.on('close', () => {
      settle();
      lines.end();
      if (exit.seen) resolve({ code: exit.code, stdout: stdout.text(), stderr: stderr.text() });
      else reject(new Problem('unavailable', 'files.errors.cutCommand'));
    });
    channel.end(options.input ?? '');
  });
}

interface OpenChannel {
  channel: ClientChannel;
  exit: { seen: boolean; code: number | undefined };
}

function openChannel(client: Client, command: string): Promise<OpenChannel> {
  return new Promise((resolve, reject) => {
    const fail = (error?: Error) => {
      client.off('close', onClose);
      reject(
        new Problem('unavailable', 'files.errors.cutCommand', {}, { detail: error?.message, cause: error }),
      );
    };
    const onClose = () => fail();
    client.once('close', onClose);
    try {
      client.exec(command, (error, channel) => {
        client.off('close', onClose);
        if (error) {
          fail(error);
          return;
        }
        // Listened to at once: of a short command, the exit comes in the same packet as the channel.
        const exit: OpenChannel['exit'] = { seen: false, code: undefined };
        channel.on('exit', (value: number | null) => {
          exit.seen = true;
          exit.code = value ?? undefined;
        });
        resolve({ channel, exit });
      });
    } catch (error) {
      fail(error instanceof Error ? error : undefined); // "Not connected"
    }
  });
}

function tail(limit: number) {
  let kept: Buffer[] = [];
  let size = 0;
  return {
    add(data: Buffer) {
      kept.push(data);
      size += data.length;
      while (kept[0] && size - kept[0].length >= limit) size -= kept.shift()?.length ?? 0;
      if (kept.length > 1000) kept = [Buffer.concat(kept)];
    },
    text: () => Buffer.concat(kept).subarray(-limit).toString('utf8'),
  };
}

// Cuts output into lines of bounded length; a progress bar without line ends must not grow for ever.
function lineFeeder(onLine: ((line: string) => void) | undefined) {
  const decoder = new TextDecoder();
  let rest = '';
  return {
    add(data: Buffer) {
      if (!onLine) return;
      const parts = (rest + decoder.decode(data, { stream: true })).split(/\r\n|\n|\r/);
      rest = parts.pop() ?? '';
      if (rest.length > 2000) {
        parts.push(rest);
        rest = '';
      }
      for (const line of parts) if (line !== '') onLine(line.slice(0, 2000));
    },
    end() {
      if (onLine && rest !== '') onLine(rest);
    },
  };
}
