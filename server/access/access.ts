import { eq, lt } from 'drizzle-orm';
import type { Config } from '../config';
import type { Db } from '../db/database';
import type { Events } from '../jobs/events';
import type { Log } from '../log';
import { Problem } from '../problem';
import { guest, type Actor } from './actor';
import { openAudit, type Audit } from './audit';
import { authHandler } from './auth-handler';
import { openOneTime } from './one-time';
import { sameSitePath } from './return-to';
import { openSecretKey } from './secret-key';
import { keyIdsInUse, openSecrets, type Secrets } from './secrets';
import {
  actorOfCookie,
  knowsProvider,
  openLibrary,
  openSessions,
  type Library,
  type Sessions,
} from './sessions';
import { openSetup, type SetupLinks } from './setup';
import { openSignInLimits } from './sign-in-limits';
import { oneTimeLinks, session, user, verification } from './tables';
import { openTokens, type Tokens } from './tokens';
import { activeAdmins, openUsers, type Users } from './users';

/** Who may do what: users, sessions, tokens, secrets, audit. */
export interface Access {
  /**
   * Who sends a request: the session of its cookie, or the API token of `Authorization: Bearer` or of EdgeGallery's
   * `access_token` header. A token that does not work makes the request a guest's.
   */
  actorOf(headers: Headers): Promise<Actor>;
  /** Answers `/api/auth/*`. */
  handler(request: Request): Promise<Response>;
  /** The one-time link that creates the administrator; undefined once there is one. */
  setupLink(baseUrl: string): string | undefined;
  setup: SetupLinks;
  secrets: Secrets;
  audit: Audit;
  users: Users;
  sessions: Sessions;
  tokens: Tokens;
  /** What the sign-in page offers. */
  signInOptions(): SignInOptions;
  /** Where to go after signing in, out of an address somebody may have prepared: a path of this site. */
  returnTo(next: string | undefined): string;
}

export interface SignInOptions {
  /** Words of the OpenID Connect button; undefined when it is off. */
  oidcLabel: string | undefined;
  /** There is no administrator yet: the server's console shows the link that makes one. */
  needsSetup: boolean;
}

interface Needs {
  db: Db;
  config: Config;
  events: Events;
  log: Log;
}

/**
 * Opens the room.
 *
 * @throws Error when the key of the secrets is missing or another one; the message says what to do
 */
export function openAccess({ db, config, events, log }: Needs): Access {
  const key = openSecretKey(config.dataDir, keyIdsInUse(db));
  const audit = openAudit(db, events);
  const links = openOneTime(db);
  const setup = openSetup(db, audit, links);
  forgetExpired(db);
  const tokens = openTokens(db, audit);
  const library = openLibrary({ db, config, audit, log }, key);

  let withOidc: Library | undefined;
  const oidcLibrary = async () => {
    if (!config.oidc) throw new Problem('not_found', 'problems.noSuchPath');
    // Made at the first use and again after a failure: the provider may be started after us.
    withOidc ??= openLibrary({ db, config, audit, log }, key, config.oidc);
    if (await knowsProvider(withOidc)) return withOidc;
    withOidc = undefined;
    throw new Problem('unavailable', 'access.errors.oidcUnavailable');
  };

  const refused = (email: string) => {
    const found = db.select().from(user).where(eq(user.email, email.trim().toLowerCase())).get();
    // A password typed into the wrong field must not end up in the log: only names that exist are written.
    if (!found) return;
    const subject = { type: 'user', id: found.id };
    audit.record({ actor: guest, action: 'session.refused', subject, detail: { name: found.name } });
  };

  return {
    async actorOf(headers) {
      const token = tokenOf(headers);
      if (token !== undefined) return tokens.actorOf(token) ?? guest;
      return (await actorOfCookie(library, db, headers)) ?? guest;
    },
    handler: authHandler({ library, oidcLibrary, setup, limits: openSignInLimits(), refused }),
    setupLink: (baseUrl) => setup.setupLink(baseUrl),
    setup,
    secrets: openSecrets(db, key),
    audit,
    users: openUsers(db, audit, events, links),
    sessions: openSessions({ db, config, audit, log }),
    tokens,
    signInOptions: () => ({ oidcLabel: config.oidc?.label, needsSetup: activeAdmins(db) === 0 }),
    returnTo: sameSitePath,
  };
}

/** Clears away what does not work any more; at each start is often enough. */
function forgetExpired(db: Db): void {
  const now = new Date();
  db.delete(session).where(lt(session.expiresAt, now)).run();
  db.delete(verification).where(lt(verification.expiresAt, now)).run();
  db.delete(oneTimeLinks).where(lt(oneTimeLinks.expiresAt, now.getTime())).run();
}

/** The API token of a request: RFC 6750, or the header EdgeGallery's clients send. */
function tokenOf(headers: Headers): string | undefined {
  const bearer = /^bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  return bearer ?? headers.get('access_token') ?? undefined;
}
