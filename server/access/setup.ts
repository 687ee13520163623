import { hashPassword } from 'better-auth/crypto';
import { eq } from 'drizzle-orm';
import type { Db } from '../db/database';
import { Problem } from '../problem';
import { scopes, type Actor } from './actor';
import type { Audit } from './audit';
import type { OneTime } from './one-time';
import { acceptLinkSchema, setupSchema, type Setup } from './schemas';
import { storePassword } from './sessions';
import { session, user } from './tables';
import { activeAdmins, insertUser, setupUrl } from './users';

/** What a one-time link is for, as its page shows it. */
export type LinkPurpose = { kind: 'administrator' } | { kind: 'password'; name: string; email: string };

/** First administrator, and passwords set by link. */
export interface SetupLinks {
  /**
   * A fresh link that creates the administrator; those of earlier starts stop to work.
   *
   * @returns undefined when there is an administrator already
   */
  setupLink(baseUrl: string): string | undefined;
  /** What a link's token is for; undefined when it does not work (any more). Looking does not use it up. */
  purpose(token: string): LinkPurpose | undefined;
  /** Creates the administrator. @throws Problem `gone` when the link was used or replaced */
  createAdministrator(setup: Setup): Promise<Actor>;
  /**
   * Sets a user's password and ends the user's sessions.
   *
   * @returns the address to sign in with
   * @throws Problem `gone` when the link was used, replaced or is too old
   */
  setPassword(request: { token: string; password: string }): Promise<{ email: string }>;
}

/** Opens the set-up. */
export function openSetup(db: Db, audit: Audit, links: OneTime): SetupLinks {
  const gone = () => new Problem('gone', 'access.errors.linkGone');

  const userOf = (id: string) => db.select().from(user).where(eq(user.id, id)).get();

  function purpose(token: string): LinkPurpose | undefined {
    const link = links.find(token);
    if (!link) return undefined;
    if (link.userId === undefined) return activeAdmins(db) > 0 ? undefined : { kind: 'administrator' };
    const row = userOf(link.userId);
    return row && !row.disabled ? { kind: 'password', name: row.name, email: row.email } : undefined;
  }

  return {
    setupLink: (baseUrl) => (activeAdmins(db) > 0 ? undefined : setupUrl(baseUrl, links.make(undefined))),

    purpose,

    async createAdministrator(setup) {
      const { token, name, email, password } = setupSchema.parse(setup);
      // Checked before the costly hash, and again with it in hand: two at once must not both become administrator.
      if (purpose(token)?.kind !== 'administrator') throw gone();
      const hash = await hashPassword(password);
      return db.transaction(() => {
        if (activeAdmins(db) > 0 || !links.take(token)) throw gone();
        const id = insertUser(db, { name, email, role: 'admin' });
        storePassword(db, id, hash);
        const actor: Actor = { userId: id, name, role: 'admin', scopes, via: 'none' };
        audit.record({ actor, action: 'user.createAdministrator', subject: { type: 'user', id } });
        return actor;
      });
    },

    async setPassword(request) {
      const { token, password } = acceptLinkSchema.parse(request);
      if (purpose(token)?.kind !== 'password') throw gone();
      const hash = await hashPassword(password);
      return db.transaction(() => {
        const userId = links.find(token)?.userId;
        const row = userId === undefined ? undefined : userOf(userId);
        if (!row || row.disabled || !links.take(token)) throw gone();
        storePassword(db, row.id, hash);
        db.delete(session).where(eq(session.userId, row.id)).run();
        const actor: Actor = { userId: row.id, name: row.name, role: row.role, scopes, via: 'none' };
        audit.record({ actor, action: 'user.setPassword', subject: { type: 'user', id: row.id } });
        return { email: row.email };
      });
    },
  };
}
