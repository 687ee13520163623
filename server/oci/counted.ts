import { Transform } from 'node:stream';
import { runningDigest, wrongDigest } from './digest';

/** A stream's bytes as they were, counted and hashed on their way. */
export interface Counted {
  /** Of all bytes; to be asked at the end, once or more often. */
  digest(): string;
  size(): number;
  through: Transform;
}

/**
 * @param expected what the bytes must be: the stream fails at its end with `wrongDigest` when they are not
 * @param onBytes hears how many have passed
 */
export function counted(
  expected?: { digest: string; size?: number | undefined },
  url?: string | undefined,
  onBytes?: (size: number) => void,
): Counted {
  const running = runningDigest(expected?.digest);
  let size = 0;
  let digest: string | undefined;
  const end = () => (digest ??= running.end());
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      running.update(chunk);
      size += chunk.length;
      onBytes?.(size);
      done(null, chunk);
    },
    flush(done) {
      if (expected === undefined) return done();
      const wrongSize = expected.size !== undefined && expected.size !== size;
      const wrong = wrongSize || end() !== expected.digest;
      const says = (bytes: number | undefined) => (bytes === undefined ? '' : ` (${bytes} bytes)`);
      done(
        wrong
          ? wrongDigest('the blob', expected.digest + says(expected.size), end() + says(size), url)
          : undefined,
      );
    },
  });
  return { digest: end, size: () => size, through };
}
