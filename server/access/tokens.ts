import { and, desc, eq, gt, type SQL } from 'drizzle-orm';
import type { Db } from '../db/database';
import { newId } from '../db/id';
import { Problem } from '../problem';
import { hasRole, type Actor, type UserActor } from './actor';
import type { Audit } from './audit';
import { hashOf, newSecretText } from './one-time';
import { createTokenSchema, daysInMs, type CreateToken, type TokenView } from './schemas';
import { apiTokens, user } from './tables';

const prefix = 'eyt_';
/** Last use is written at most this often, so that reading does not write on every call. */
const lastUseStepMs = 60_000;

/** API tokens: a user's right to act, limited in scope and time, without a browser. */
export interface Tokens {
  list(actor: UserActor): TokenView[];
  /** The token itself is in this answer and never again. @throws Problem `forbidden` for a scope the actor lacks */
  create(actor: UserActor, request: CreateToken): TokenView & { token: string };
  /** @throws Problem `not_found` when it is not there or is somebody else's */
  revoke(actor: UserActor, id: string): void;
  /** Everybody's tokens, for an administrator. */
  listAll(): (TokenView & { ownerId: string; ownerName: string })[];
  /** Revokes anybody's token, for an administrator. @throws Problem `not_found` */
  revokeAny(actor: UserActor, id: string): void;
  /** Whom a token stands for; undefined when it is unknown, over, or its user is disabled. */
  actorOf(token: string): Actor | undefined;
}

/** Opens the tokens table. */
export function openTokens(db: Db, audit: Audit): Tokens {
  function remove(actor: UserActor, id: string, condition: SQL | undefined): void {
    const row = db
      .delete(apiTokens)
      .where(and(eq(apiTokens.id, id), condition))
      .returning({ name: apiTokens.name })
      .get();
    if (!row) throw new Problem('not_found', 'access.errors.tokenNotFound');
    const subject = { type: 'token', id };
    audit.record({ actor, action: 'token.revoke', subject, detail: { name: row.name } });
  }

  return {
    list(actor) {
      return db
        .select()
        .from(apiTokens)
        .where(eq(apiTokens.userId, actor.userId))
        .orderBy(desc(apiTokens.createdAt))
        .all()
        .map(viewOf);
    },

    create(actor, request) {
      const { name, scopes, days } = createTokenSchema.parse(request);
      const lacking = scopes.find((scope) => !actor.scopes.includes(scope));
      if (lacking !== undefined)
        throw new Problem('forbidden', 'access.errors.needsScope', { scope: lacking });
      if (scopes.includes('admin') && !hasRole(actor, 'admin'))
        throw new Problem('forbidden', 'access.errors.needsRole', { role: 'admin' });
      const token = `${prefix}${newSecretText()}`;
      const now = Date.now();
      const row = {
        id: newId('token', now),
        userId: actor.userId,
        name,
        hash: hashOf(token),
        hint: token.slice(0, prefix.length + 4),
        scopes: [...new Set(scopes)],
        createdAt: now,
        expiresAt: now + daysInMs(days),
        lastUsedAt: null,
      };
      db.insert(apiTokens).values(row).run();
      audit.record({
        actor,
        action: 'token.create',
        subject: { type: 'token', id: row.id },
        detail: { name, scopes: row.scopes.join(' '), days },
      });
      return { ...viewOf(row), token };
    },

    revoke(actor, id) {
      remove(actor, id, eq(apiTokens.userId, actor.userId));
    },

    listAll() {
      return db
        .select({ token: apiTokens, ownerName: user.name })
        .from(apiTokens)
        .innerJoin(user, eq(user.id, apiTokens.userId))
        .orderBy(desc(apiTokens.createdAt))
        .all()
        .map(({ token, ownerName }) => ({ ...viewOf(token), ownerId: token.userId, ownerName }));
    },

    revokeAny(actor, id) {
      remove(actor, id, undefined);
    },

    actorOf(token) {
      if (!token.startsWith(prefix)) return undefined;
      const now = Date.now();
      const found = db
        .select({ token: apiTokens, user })
        .from(apiTokens)
        .innerJoin(user, eq(user.id, apiTokens.userId))
        .where(and(eq(apiTokens.hash, hashOf(token)), gt(apiTokens.expiresAt, now), eq(user.disabled, false)))
        .get();
      if (!found) return undefined;
      if ((found.token.lastUsedAt ?? 0) < now - lastUseStepMs)
        db.update(apiTokens).set({ lastUsedAt: now }).where(eq(apiTokens.id, found.token.id)).run();
      const { id, name, role } = found.user;
      return { userId: id, name, role, scopes: found.token.scopes, via: 'token' };
    },
  };
}

function viewOf(row: typeof apiTokens.$inferSelect): TokenView {
  const { id, name, scopes, hint, createdAt, expiresAt, lastUsedAt } = row;
  return { id, name, scopes, hint, createdAt, expiresAt, lastUsedAt: lastUsedAt ?? undefined };
}
