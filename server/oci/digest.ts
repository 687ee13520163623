import { createHash, type Hash } from 'node:crypto';
import { RegistryError } from './oci';

/** A hash that is fed piece by piece, of the algorithm a digest names. */
export interface RunningDigest {
  update(bytes: Uint8Array): void;
  /** The digest of all that was fed; once only. */
  end(): string;
}

/**
 * @param like a digest whose algorithm is taken; absent: SHA-256
 */
export function runningDigest(like = 'sha256:'): RunningDigest {
  const algorithm = like.slice(0, like.indexOf(':'));
  const hash: Hash = createHash(algorithm);
  return {
    update: (bytes) => void hash.update(bytes),
    end: () => `${algorithm}:${hash.digest('hex')}`,
  };
}

/** Digest of bytes that are all there. @param like as for {@link runningDigest} */
export function digestOf(bytes: Uint8Array, like?: string): string {
  const digest = runningDigest(like);
  digest.update(bytes);
  return digest.end();
}

/** The error for bytes that are not what their name says. */
export function wrongDigest(what: string, expected: string, got: string, url?: string): RegistryError {
  return new RegistryError('wrongDigest', `${what} should be ${expected} and is ${got}`, { url });
}
