import { and, count, desc, eq, sql } from 'drizzle-orm';
import type { Db } from '../db/database';
import { newId } from '../db/id';
import type { Events } from '../jobs/events';
import { Problem } from '../problem';
import type { Actor, UserActor } from './actor';
import type { Audit } from './audit';
import type { OneTime } from './one-time';
import { daysInMs, inviteSchema, type Invite, type User, type UserRole } from './schemas';
import { apiTokens, session, user } from './tables';

const invitationLifeMs = daysInMs(7);

/** A link that lets a user set a password, once. */
export interface PasswordLink {
  user: User;
  url: string;
  expiresAt: number;
}

/** The people of this installation. Callers check that the actor is an administrator. */
export interface Users {
  list(): User[];
  get(id: string): User | undefined;
  /** Adds a user who sets the password by the link. @throws Problem `conflict` when the address is taken */
  invite(actor: Actor, request: Invite, baseUrl: string): PasswordLink;
  /** A new password link for a user; what was there works until it is used. @throws Problem `not_found` */
  passwordLink(actor: Actor, id: string, baseUrl: string): PasswordLink;
  /** @throws Problem `not_found`; `conflict` for the last administrator */
  setRole(actor: Actor, id: string, role: UserRole): User;
  /** Ends all sessions and tokens at once. @throws Problem `not_found`; `conflict` for the last administrator */
  disable(actor: Actor, id: string): User;
  /** @throws Problem `not_found` */
  enable(actor: Actor, id: string): User;
  /** Changes one's own name. */
  rename(actor: UserActor, name: string): User;
}

/** Opens the users table. */
export function openUsers(db: Db, audit: Audit, events: Events, links: OneTime): Users {
  const changed = (id: string) => {
    events.publish({ topic: 'users', id, audience: { role: 'admin' } });
  };

  function change(actor: Actor, id: string, values: Partial<typeof user.$inferInsert>, action: string): User {
    db.transaction((tx) => {
      const before = requireUserRow(db, id);
      const losesAdmin = values.disabled === true || (values.role !== undefined && values.role !== 'admin');
      if (before.role === 'admin' && !before.disabled && losesAdmin && activeAdmins(db) === 1)
        throw new Problem('conflict', 'access.errors.lastAdmin');
      tx.update(user)
        .set({ ...values, updatedAt: new Date() })
        .where(eq(user.id, id))
        .run();
      if (values.disabled === true) {
        tx.delete(session).where(eq(session.userId, id)).run();
        tx.delete(apiTokens).where(eq(apiTokens.userId, id)).run();
      }
      const detail = { name: before.name, ...(values.role && { from: before.role, to: values.role }) };
      audit.record({ actor, action, subject: { type: 'user', id }, detail });
    });
    changed(id);
    return requireUserRow(db, id);
  }

  const linkFor = (found: User, baseUrl: string): PasswordLink => {
    const expiresAt = Date.now() + invitationLifeMs;
    return { user: found, url: setupUrl(baseUrl, links.make(found.id, invitationLifeMs)), expiresAt };
  };

  return {
    list: () => selectUsers(db).orderBy(desc(user.createdAt)).all().map(viewOf),
    get: (id) => findUser(db, id),

    invite(actor, request, baseUrl) {
      const { name, email, role } = inviteSchema.parse(request);
      const link = db.transaction(() => {
        const id = insertUser(db, { name, email, role });
        const subject = { type: 'user', id };
        audit.record({ actor, action: 'user.invite', subject, detail: { name, role } });
        return linkFor(requireUserRow(db, id), baseUrl);
      });
      changed(link.user.id);
      return link;
    },

    passwordLink(actor, id, baseUrl) {
      return db.transaction(() => {
        const found = requireUserRow(db, id);
        if (found.disabled) throw new Problem('conflict', 'access.errors.userDisabled', { name: found.name });
        const subject = { type: 'user', id };
        audit.record({ actor, action: 'user.passwordLink', subject, detail: { name: found.name } });
        return linkFor(found, baseUrl);
      });
    },

    setRole: (actor, id, role) => change(actor, id, { role }, 'user.setRole'),
    disable: (actor, id) => change(actor, id, { disabled: true }, 'user.disable'),
    enable: (actor, id) => change(actor, id, { disabled: false }, 'user.enable'),
    rename: (actor, name) => change(actor, actor.userId, { name }, 'user.rename'),
  };
}

/** The page that takes a one-time link; only using it there uses it up, opening it does not. */
export function setupUrl(baseUrl: string, token: string): string {
  return `${baseUrl.replace(/\/$/, '')}/setup?token=${token}`;
}

/**
 * Adds a user without any way to sign in yet; call inside a transaction.
 *
 * @throws Problem `conflict` when the address is taken
 */
export function insertUser(db: Db, values: { name: string; email: string; role: UserRole }): string {
  const taken = db.select({ id: user.id }).from(user).where(eq(user.email, values.email)).get();
  if (taken) throw new Problem('conflict', 'access.errors.emailTaken', { email: values.email });
  const now = new Date();
  const id = newId('user', now.getTime());
  db.insert(user)
    .values({ id, ...values, createdAt: now, updatedAt: now })
    .run();
  return id;
}

/** How many administrators could sign in. */
export function activeAdmins(db: Db): number {
  const active = and(eq(user.role, 'admin'), eq(user.disabled, false));
  return db.select({ n: count() }).from(user).where(active).get()?.n ?? 0;
}

function selectUsers(db: Db) {
  // Written out with table names: a column inside `sql` loses its table's name, and both tables have an `id`.
  return db
    .select({
      user,
      hasAccount: sql<number>`exists (select 1 from accounts where accounts.user_id = users.id)`,
      lastSeenAt: sql<
        number | null
      >`(select max(updated_at) from sessions where sessions.user_id = users.id)`,
    })
    .from(user)
    .$dynamic();
}

function findUser(db: Db, id: string): User | undefined {
  const row = selectUsers(db).where(eq(user.id, id)).get();
  return row && viewOf(row);
}

function requireUserRow(db: Db, id: string): User {
  const found = findUser(db, id);
  if (!found) throw new Problem('not_found', 'access.errors.userNotFound');
  return found;
}

function viewOf(row: {
  user: typeof user.$inferSelect;
  hasAccount: number;
  lastSeenAt: number | null;
}): User {
  const { id, name, email, role, disabled, createdAt } = row.user;
  return {
    id,
    name,
    email,
    role,
    disabled,
    invited: row.hasAccount === 0,
    createdAt: createdAt.getTime(),
    lastSeenAt: row.lastSeenAt ?? undefined,
  };
}
