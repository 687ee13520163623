import { createHash, randomBytes } from 'node:crypto';
import { and, eq, gt, isNull, or } from 'drizzle-orm';
import type { Db } from '../db/database';
import { oneTimeLinks } from './tables';

/** 256 random bits, safe in a URL: nothing to guess, so one hash without a salt is enough to keep it by. */
export function newSecretText(): string {
  return randomBytes(32).toString('base64url');
}

/** What is kept of a token or link instead of itself: SHA-256 in hex. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Links that work once. */
export interface OneTime {
  /** Makes a link's token; an older one of the same user (or of nobody) stops to work. */
  make(userId: string | undefined, lifeMs?: number): string;
  /** The row of a token that still works; a look does not use it up. */
  find(token: string): { userId: string | undefined } | undefined;
  /** Uses it up. Call in the same transaction as what it allows: true for exactly one caller. */
  take(token: string): boolean;
}

/** Opens the one-time links. */
export function openOneTime(db: Db): OneTime {
  const alive = (token: string) =>
    and(
      eq(oneTimeLinks.hash, hashOf(token)),
      or(isNull(oneTimeLinks.expiresAt), gt(oneTimeLinks.expiresAt, Date.now())),
    );
  return {
    make(userId, lifeMs) {
      const token = newSecretText();
      const now = Date.now();
      db.transaction((tx) => {
        const older = userId === undefined ? isNull(oneTimeLinks.userId) : eq(oneTimeLinks.userId, userId);
        tx.delete(oneTimeLinks).where(older).run();
        tx.insert(oneTimeLinks)
          .values({
            hash: hashOf(token),
            userId: userId ?? null,
            createdAt: now,
            expiresAt: lifeMs === undefined ? null : now + lifeMs,
          })
          .run();
      });
      return token;
    },
    find(token) {
      const row = db.select().from(oneTimeLinks).where(alive(token)).get();
      return row && { userId: row.userId ?? undefined };
    },
    take: (token) => db.delete(oneTimeLinks).where(alive(token)).run().changes === 1,
  };
}
