import type { Duplex } from 'node:stream';

/** A stream read by exact amounts. */
export interface Bytes {
  /** @throws Error when the stream ends before so many bytes came */
  take(count: number): Promise<Buffer>;
}

/**
 * Reads a stream by exact amounts; nothing more is taken from it than is asked for and one buffer of its own.
 *
 * @param stream in paused mode; nobody else reads it
 */
export function bytesOf(stream: Duplex): Bytes {
  return {
    take(count) {
      if (count === 0) return Promise.resolve(Buffer.alloc(0));
      return new Promise((done, failed) => {
        const settle = (bytes: Buffer | undefined) => {
          stream.off('readable', attempt);
          for (const event of ends) stream.off(event, end);
          if (bytes?.length === count) done(bytes);
          else failed(new Error(`the stream ended before ${count} bytes`));
        };
        const end = () => {
          settle(undefined);
        };
        const attempt = () => {
          const bytes = stream.read(count) as Buffer | null;
          if (bytes !== null) settle(bytes);
        };
        if (stream.destroyed || stream.readableEnded) {
          end();
          return;
        }
        stream.on('readable', attempt);
        for (const event of ends) stream.on(event, end);
        attempt();
      });
    },
  };
}

const ends = ['end', 'close'] as const;
