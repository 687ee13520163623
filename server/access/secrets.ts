import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import type { Db } from '../db/database';
import type { SecretKey } from './secret-key';
import { secrets } from './tables';

const nonceBytes = 12;
const tagBytes = 16;

/**
 * Credentials and private keys, sealed in the database. Synchronous, so that one can be kept in the same transaction
 * as the row it belongs to. What `read` returns must never reach an answer, a log or a job's row.
 */
export interface Secrets {
  /** Keeps a secret under a name such as `project:<id>:ssh-key`; replaces what was there. */
  put(name: string, plain: string): void;
  /** @throws Error when the stored bytes were changed, or moved here from another name */
  read(name: string): string | undefined;
  has(name: string): boolean;
  /** Forgets a secret; none there is fine. */
  remove(name: string): void;
}

/**
 * Opens the secrets table. AES-256-GCM with a random 96-bit nonce; name and key id are authenticated with it, so that
 * a sealed value copied to another row does not open there.
 *
 * @param db the database
 * @param key the key outside the database
 */
export function openSecrets(db: Db, key: SecretKey): Secrets {
  const sealingKey = key.derive('secrets');
  const aad = (name: string) => Buffer.from(`${name}\0${key.id}`);

  function seal(name: string, plain: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', sealingKey, nonce, { authTagLength: tagBytes });
    cipher.setAAD(aad(name));
    const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64');
  }

  function unseal(name: string, base64: string): string {
    const bytes = Buffer.from(base64, 'base64');
    const nonce = bytes.subarray(0, nonceBytes);
    const decipher = createDecipheriv('aes-256-gcm', sealingKey, nonce, { authTagLength: tagBytes });
    decipher.setAAD(aad(name));
    decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
    const sealed = bytes.subarray(nonceBytes, bytes.length - tagBytes);
    return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8');
  }

  const find = (name: string) => db.select().from(secrets).where(eq(secrets.name, name)).get();

  return {
    put(name, plain) {
      const row = { keyId: key.id, sealed: seal(name, plain), updatedAt: Date.now() };
      db.insert(secrets)
        .values({ name, ...row })
        .onConflictDoUpdate({ target: secrets.name, set: row })
        .run();
    },
    read(name) {
      const row = find(name);
      return row && unseal(name, row.sealed);
    },
    has: (name) => find(name) !== undefined,
    remove(name) {
      db.delete(secrets).where(eq(secrets.name, name)).run();
    },
  };
}

/** Ids of all keys that sealed something in this database. */
export function keyIdsInUse(db: Db): string[] {
  return db
    .selectDistinct({ keyId: secrets.keyId })
    .from(secrets)
    .all()
    .map((row) => row.keyId);
}
