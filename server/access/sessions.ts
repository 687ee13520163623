import { betterAuth } from 'better-auth';
import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { hashPassword, verifyPassword } from 'better-auth/crypto';
import { genericOAuth } from 'better-auth/plugins';
import { and, desc, eq, gt, ne } from 'drizzle-orm';
import type { Config } from '../config';
import type { Db } from '../db/database';
import { newId } from '../db/id';
import type { Log } from '../log';
import { Problem } from '../problem';
import { scopes, type Actor, type UserActor } from './actor';
import type { Audit } from './audit';
import { changePasswordSchema, maxPassword, minPassword, type SessionView } from './schemas';
import type { SecretKey } from './secret-key';
import { account, session, user, verification } from './tables';

/** Name of the OpenID Connect provider in paths: its redirect address is `/api/auth/callback/oidc`. */
export const oidcProvider = 'oidc';
const sessionDays = 14;
const lastSeenStepMs = 60_000;

/** A person's browser sessions and password. */
export interface Sessions {
  list(actor: UserActor): SessionView[];
  /** @throws Problem `not_found` when it is not there or is somebody else's */
  end(actor: UserActor, id: string): void;
  /** Ends every session but the one that asks. */
  endOthers(actor: UserActor): void;
  /** Whether the user signs in by a password here, rather than through another server only. */
  hasPassword(actor: UserActor): boolean;
  /** Changes the password and ends the other sessions. @throws Problem `invalid` when the current one is wrong */
  changePassword(actor: UserActor, passwords: { current: string; next: string }): Promise<void>;
}

interface Rooms {
  db: Db;
  config: Config;
  audit: Audit;
  log: Log;
}

/**
 * The library that keeps sessions and speaks OpenID Connect, set to our tables and rules. Public sign-up is off; of
 * its endpoints only those in `auth-handler.ts` can be reached.
 *
 * @param oidc the provider, for the instance that talks to it; it is asked at once, and until it answers the instance
 *   answers nothing: so passwords and cookies have an instance of their own, without it
 */
export function openLibrary({ db, config, audit, log }: Rooms, key: SecretKey, oidc?: Config['oidc']) {
  return betterAuth({
    appName: 'Edgeyard',
    ...(config.publicUrl !== undefined && { baseURL: config.publicUrl }),
    basePath: '/api/auth',
    secret: key.derive('sessions').toString('base64'),
    // better-sqlite3 commits before an async callback has run: the adapter must not open transactions.
    database: drizzleAdapter(db, {
      provider: 'sqlite',
      schema: { user, session, account, verification },
      transaction: false,
    }),
    telemetry: { enabled: false },
    onAPIError: { errorURL: '/sign-in' },
    logger: {
      log: (level, message) => {
        // The origin does come from the request unless publicUrl says it; the guard has checked its host by then.
        if (message.includes('Base URL is not set')) return;
        log[level]({ part: 'better-auth' }, message);
      },
    },
    user: {
      additionalFields: {
        role: { type: 'string', required: false, input: false, defaultValue: 'developer' },
        disabled: { type: 'boolean', required: false, input: false, defaultValue: false },
      },
    },
    session: { expiresIn: sessionDays * 24 * 60 * 60, disableSessionRefresh: true },
    account: {
      // Nobody can sign up here under a strange address, so the provider's word for an address is enough.
      accountLinking: { enabled: true, requireLocalEmailVerified: false },
    },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: minPassword,
      maxPasswordLength: maxPassword,
    },
    plugins: oidc
      ? [
          genericOAuth({
            config: [
              {
                providerId: oidcProvider,
                name: oidc.label,
                discoveryUrl: `${oidc.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
                clientId: oidc.clientId,
                clientSecret: oidc.clientSecret,
                scopes: ['openid', 'email', 'profile'],
                pkce: true,
                requireIdTokenVerification: true,
                mapProfileToUser: (profile) => ({ name: nameIn(profile) }),
              },
            ],
          }),
        ]
      : [],
    rateLimit: { enabled: false }, // sign-in-limits.ts counts; two counters would contradict each other
    advanced: {
      cookiePrefix: 'edgeyard',
      useSecureCookies: config.publicUrl?.startsWith('https:') ?? false,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax' },
      ipAddress: { ipAddressHeaders: ['x-edgeyard-peer'] },
      database: { generateId: ({ model }) => newId(model) },
    },
    databaseHooks: {
      session: {
        create: {
          before: (created) => Promise.resolve(isActive(db, created.userId) ? undefined : false),
          after: (created) => {
            const actor = actorOfUser(db, created.userId);
            if (actor) audit.record({ actor, action: 'session.start' });
            return Promise.resolve();
          },
        },
      },
      account: {
        create: { before: withoutProviderTokens },
        update: { before: withoutProviderTokens },
      },
      user: {
        create: {
          after: (created) => {
            const subject = { type: 'user', id: created.id };
            const actor: Actor = { ...guestNamed(created.name), userId: created.id, via: 'session' };
            audit.record({ actor, action: 'user.firstOidc', subject, detail: { name: created.name } });
            return Promise.resolve();
          },
        },
      },
    },
  });
}

/** The provider's tokens have done their work when the person is in: none is kept. */
function withoutProviderTokens<Row extends object>(row: Row): Promise<{ data: Row }> {
  return Promise.resolve({ data: { ...row, accessToken: null, refreshToken: null, idToken: null } });
}

/** Providers name people in different claims (OpenID Connect Core, 5.1); an account needs some name. */
function nameIn(profile: Record<string, unknown>): string {
  const claims = [profile['name'], profile['preferred_username'], profile['email']];
  return claims.find((claim): claim is string => typeof claim === 'string' && claim.trim() !== '') ?? '';
}

function guestNamed(name: string): Actor {
  return { userId: undefined, name, role: 'developer', scopes, via: 'none' };
}

function actorOfUser(db: Db, userId: string): Actor | undefined {
  const row = db.select().from(user).where(eq(user.id, userId)).get();
  return row && { userId, name: row.name, role: row.role, scopes, via: 'session' };
}

function isActive(db: Db, userId: string): boolean {
  return db.select().from(user).where(eq(user.id, userId)).get()?.disabled === false;
}

export type Library = ReturnType<typeof openLibrary>;

/** Whether the instance has found its provider. */
export async function knowsProvider(library: Library): Promise<boolean> {
  const { socialProviders } = await library.$context;
  return socialProviders.some((provider) => provider.id === oidcProvider);
}

/**
 * The actor of a request's session cookie.
 *
 * @returns undefined without a valid one, or when its user is disabled
 */
export async function actorOfCookie(library: Library, db: Db, headers: Headers): Promise<Actor | undefined> {
  if (!headers.get('cookie')?.includes('edgeyard.')) return undefined;
  const found = await library.api.getSession({ headers });
  if (!found || found.user.disabled === true) return undefined;
  const now = Date.now();
  const { id, updatedAt, userId } = found.session;
  if (updatedAt.getTime() < now - lastSeenStepMs)
    db.update(session)
      .set({ updatedAt: new Date(now) })
      .where(eq(session.id, id))
      .run();
  const actor = actorOfUser(db, userId);
  return actor && { ...actor, sessionId: id };
}

/** Opens a person's view of sessions and password. */
export function openSessions({ db, audit }: Rooms): Sessions {
  const endWhere = (actor: UserActor, condition: ReturnType<typeof eq>): number =>
    db
      .delete(session)
      .where(and(eq(session.userId, actor.userId), condition))
      .run().changes;

  return {
    list(actor) {
      return db
        .select()
        .from(session)
        .where(and(eq(session.userId, actor.userId), gt(session.expiresAt, new Date())))
        .orderBy(desc(session.updatedAt))
        .all()
        .map((row) => ({
          id: row.id,
          current: row.id === actor.sessionId,
          ipAddress: row.ipAddress ?? undefined,
          userAgent: row.userAgent ?? undefined,
          createdAt: row.createdAt.getTime(),
          lastSeenAt: row.updatedAt.getTime(),
          expiresAt: row.expiresAt.getTime(),
        }));
    },

    end(actor, id) {
      if (endWhere(actor, eq(session.id, id)) === 0)
        throw new Problem('not_found', 'access.errors.sessionNotFound');
      audit.record({ actor, action: 'session.end', subject: { type: 'session', id } });
    },

    endOthers(actor) {
      const ended = endWhere(actor, ne(session.id, actor.sessionId ?? ''));
      audit.record({ actor, action: 'session.endOthers', detail: { count: ended } });
    },

    hasPassword: (actor) => findPassword(db, actor.userId) !== undefined,

    async changePassword(actor, passwords) {
      const { current, next } = changePasswordSchema.parse(passwords);
      const hash = findPassword(db, actor.userId)?.password;
      if (hash === undefined || hash === null) throw new Problem('conflict', 'access.errors.noPassword');
      if (!(await verifyPassword({ hash, password: current })))
        throw new Problem('invalid', 'access.errors.wrongPassword');
      const nextHash = await hashPassword(next);
      db.transaction(() => {
        storePassword(db, actor.userId, nextHash);
        endWhere(actor, ne(session.id, actor.sessionId ?? ''));
        audit.record({ actor, action: 'user.changePassword', subject: { type: 'user', id: actor.userId } });
      });
    },
  };
}

/** The account row that holds a user's password, if there is one. */
export function findPassword(db: Db, userId: string): typeof account.$inferSelect | undefined {
  const own = and(eq(account.userId, userId), eq(account.providerId, 'credential'));
  return db.select().from(account).where(own).get();
}

/** Stores a password's hash where the library looks for it; call inside a transaction. */
export function storePassword(db: Db, userId: string, hash: string): void {
  const now = new Date();
  const found = findPassword(db, userId);
  if (found) {
    db.update(account).set({ password: hash, updatedAt: now }).where(eq(account.id, found.id)).run();
    return;
  }
  db.insert(account)
    .values({
      id: newId('account'),
      accountId: userId,
      providerId: 'credential',
      userId,
      password: hash,
      createdAt: now,
      updatedAt: now,
    })
    .run();
}
