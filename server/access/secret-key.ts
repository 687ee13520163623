import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const keyBytes = 32;

/** The key that lies outside the database, and everything that is derived from it. */
export interface SecretKey {
  /** Says which key sealed a secret, without telling anything about the key. */
  id: string;
  /** Another 256-bit key for one purpose (HKDF, RFC 5869). */
  derive(purpose: string): Buffer;
}

/**
 * Reads `secret.key` of the data folder, or makes it at the first start.
 *
 * @param dataDir absolute path of the data folder
 * @param sealedWith key ids found in the database; when there are any, a new key would lose those secrets
 * @throws Error that says what to do when the key is missing, damaged or another one
 */
export function openSecretKey(dataDir: string, sealedWith: readonly string[]): SecretKey {
  const path = join(dataDir, 'secret.key');
  if (!existsSync(path)) {
    if (sealedWith.length > 0) {
      throw new Error(
        `${path} is missing, but the database holds secrets sealed with it. ` +
          'Restore the file from your backup; without it the secrets cannot be read.',
      );
    }
    // `wx`: never write over a key that appeared meanwhile.
    writeFileSync(path, `${randomBytes(keyBytes).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  }
  chmodSync(path, 0o600);
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64');
  if (key.length !== keyBytes) {
    throw new Error(
      `${path} is damaged: it must hold 32 bytes in base64. Restore the file from your backup.`,
    );
  }
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', key, '', `edgeyard ${purpose}`, keyBytes));
  const id = createHash('sha256').update(derive('key id')).digest('hex').slice(0, 16);
  const foreign = sealedWith.find((other) => other !== id);
  if (foreign !== undefined) {
    throw new Error(
      `${path} is not the key that sealed the secrets in the database (key ${foreign}, found ${id}). ` +
        'Restore the file that belongs to this database.',
    );
  }
  return { id, derive };
}
