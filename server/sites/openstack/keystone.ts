/** Logins: one at a time, renewed before the token ends, and not repeated at once when the login was refused. */
import { z } from 'zod';
import { Problem } from '../../problem';
import { readAnswer } from './answers';
import { identityUrl, regionsOf, tokenAnswer, type Catalogue } from './catalogue';
import { faultOf, badAnswer, type Refusal } from './faults';
import type { OpenStackAccess } from './login';
import { loginBody, refusedLogin } from './login-request';
import { request, type RequestOptions } from './requests';
import { readText, type Wire } from './wire';

/** A token and what came with it. */
export interface Session {
  token: string;
  catalogue: Catalogue;
  projectId: string;
  projectName: string;
  userId: string;
  roles: string[];
  region: string | undefined;
  /** When it ends by the cloud's clock, milliseconds since 1970. */
  expiresAt: number;
  /** When it is renewed, milliseconds since 1970 by our own clock. */
  renewAt: number;
}

// Accounts lock after a few wrong passwords; waiting callers must not use them up.
const refusedForMs = 30_000;

export class Keystone {
  private current: Session | undefined;
  private pending: Promise<Session> | undefined;
  private refused: { problem: Problem; until: number } | undefined;

  constructor(
    private readonly wire: Wire,
    private readonly access: OpenStackAccess,
    private readonly options: RequestOptions,
    private readonly now: () => number,
  ) {}

  /**
   * The session as it is, or a new one.
   *
   * @param signal ends the caller's wait; a login that others wait for as well goes on
   * @throws Problem `openstack.errors.wrongPassword`, `wrongProject`, `wrongCredential`, `secondFactor`, `noProject` and
   *   what {@link request} throws
   */
  async session(signal?: AbortSignal): Promise<Session> {
    signal?.throwIfAborted();
    if (this.current !== undefined && this.now() < this.current.renewAt) return this.current;
    if (this.refused !== undefined && this.now() < this.refused.until) throw this.refused.problem;
    this.pending ??= this.login().finally(() => (this.pending = undefined));
    return signal === undefined ? this.pending : untilAborted(this.pending, signal);
  }

  /** Lets go of a session whose token was refused, unless a newer one has come meanwhile. */
  forget(session: Session): void {
    if (this.current === session) this.current = undefined;
  }

  private async login(): Promise<Session> {
    try {
      this.current = await this.askForToken();
      this.refused = undefined;
      return this.current;
    } catch (error) {
      if (error instanceof Problem && error.code === 'invalid') {
        this.refused = { problem: error, until: this.now() + refusedForMs };
      }
      throw error;
    }
  }

  private async askForToken(): Promise<Session> {
    const { login } = this.access;
    try {
      return await this.post(true, sessionOf.bind(undefined, this.now, this.access));
    } catch (error) {
      if (!isWrongPassword(error) || login.projectName === '') throw error;
      // Keystone says the same of a wrong password and of a project it will not open; without a project it tells.
      const names = await this.projectNames().catch(() => undefined);
      if (names === undefined) throw error;
      const params = { user: login.userName, project: login.projectName, has: names.join(', ') || '–' };
      throw new Problem('invalid', 'openstack.errors.wrongProject', params, { cause: error });
    }
  }

  private post<T>(scoped: boolean, read: (token: string, text: string) => T): Promise<T> {
    const { login } = this.access;
    return request(
      this.wire,
      {
        service: 'identity',
        method: 'POST',
        url: `${identityUrl(login.authUrl)}/auth/tokens`,
        body: loginBody(this.access, scoped),
        repeats: true,
      },
      this.options,
      async (answer) => read(answer.headers['x-subject-token'] ?? '', await readText(answer.body)),
      (refusal) => this.fault(refusal),
    );
  }

  private fault(refusal: Refusal): Problem {
    const problem = faultOf(refusal);
    if (refusal.status === 401) return refusedLogin(this.access.login, problem, refusal.headers);
    if (refusal.status !== 404) return problem;
    const params = { url: identityUrl(this.access.login.authUrl) };
    return new Problem('invalid', 'openstack.errors.notKeystone', params, { detail: problem.detail });
  }

  private async projectNames(): Promise<string[]> {
    const token = await this.post(false, (header) => header);
    const projects = z.object({ projects: z.array(z.object({ name: z.string() })) });
    const path = '/auth/projects';
    return request(
      this.wire,
      {
        service: 'identity',
        url: `${identityUrl(this.access.login.authUrl)}${path}`,
        headers: { 'x-auth-token': token },
      },
      this.options,
      async (answer) => {
        const ask = { service: 'identity', path, schema: projects } as const;
        return readAnswer(ask, await readText(answer.body)).projects.map((project) => project.name);
      },
    );
  }
}

function sessionOf(now: () => number, access: OpenStackAccess, token: string, text: string): Session {
  const ask = { service: 'identity', method: 'POST', path: '/auth/tokens', schema: tokenAnswer } as const;
  const answer = readAnswer(ask, text).token;
  if (token === '') throw badAnswer('identity', 'POST /auth/tokens: no X-Subject-Token');
  if (answer.project === undefined) {
    throw new Problem('invalid', 'openstack.errors.noProject', { user: access.login.userName });
  }
  const lifeMs = Date.parse(answer.expires_at) - Date.parse(answer.issued_at);
  const regions = regionsOf(answer.catalog);
  const [only] = regions;
  return {
    token,
    catalogue: answer.catalog,
    projectId: answer.project.id,
    projectName: answer.project.name,
    userId: answer.user.id,
    roles: answer.roles.map((role) => role.name),
    region: access.login.region === '' ? (regions.length === 1 ? only : undefined) : access.login.region,
    expiresAt: Date.parse(answer.expires_at),
    // By the length of its life: the cloud's clock need not be ours.
    renewAt: now() + lifeMs - Math.min(5 * 60_000, lifeMs / 5),
  };
}

function isWrongPassword(error: unknown): boolean {
  return error instanceof Problem && error.key === 'openstack.errors.wrongPassword';
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
