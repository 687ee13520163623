/** A session on a cloud: tokens renewed, services found, microversions negotiated, lists read to their end. */
import { z } from 'zod';
import type { Log } from '../../log';
import { isProblem } from '../../problem';
import { readAnswer, readPages } from './answers';
import { endpointOf } from './catalogue';
import type { Ask, Cloud, Service } from './cloud';
import { Keystone, type Session } from './keystone';
import type { OpenStackAccess } from './login';
import { addressOf, isStream, request, type RequestOptions } from './requests';
import { wireTo, readable, readText, type Wire, type WireAnswer } from './wire';

export interface CloudOptions {
  log?: Pick<Log, 'warn'> | undefined;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** Maps every address before it is asked, for tests that put a proxy between. */
  route?: (url: string) => string;
  /** Milliseconds before the first repeat (500); doubled for each further one. */
  backOffMs?: number;
}

/** Newest minor version of nova's API that is asked for: Victoria's. */
const newestNova = 87;

/**
 * Opens a session on a cloud. Nothing is asked before the first call.
 *
 * @param access how to sign in; the secret goes to keystone alone and into no error or log
 */
export function openCloud(access: OpenStackAccess, options: CloudOptions = {}): Cloud {
  return new OpenStackCloud(access, wireTo(access.login, options.route), options);
}

/** What pkgcloud.ts asks with, for one call: it has its own way to the wire. */
export interface Loan {
  /** The service's versioned root. */
  root: string;
  token: string;
  /** Microversion. */
  headers: Record<string, string>;
  options: RequestOptions;
  tls: ReturnType<Cloud['tls']>;
}

/**
 * Runs something with the session's token; when the cloud no longer takes the token, once more with a new one.
 *
 * @param cloud one of {@link openCloud}'s
 * @throws what `run` throws, and the login's Problems
 */
export function withLoan<T>(
  cloud: Cloud,
  service: Service,
  signal: AbortSignal | undefined,
  run: (loan: Loan) => Promise<T>,
): Promise<T> {
  if (!(cloud instanceof OpenStackCloud)) throw new TypeError('not a cloud that openCloud opened');
  return cloud.lend(service, signal, run);
}

class OpenStackCloud implements Cloud {
  private readonly keystone: Keystone;
  private readonly requests: RequestOptions;
  private nova: Promise<Record<string, string>> | undefined;

  constructor(
    private readonly access: OpenStackAccess,
    private readonly wire: Wire,
    options: CloudOptions,
  ) {
    this.requests = { log: options.log, backOffMs: options.backOffMs ?? 500, secrets: [access.secret] };
    this.keystone = new Keystone(wire, access, this.requests, options.now ?? Date.now);
  }

  async ask<T>(ask: Ask & { schema: z.ZodType<T> }): Promise<T> {
    return readAnswer(ask, await this.text(ask));
  }

  async find<T>(ask: Ask & { schema: z.ZodType<T> }): Promise<T | undefined> {
    try {
      return await this.ask(ask);
    } catch (error) {
      if (hasKey(error, 'notFound')) return undefined;
      throw error;
    }
  }

  async send(ask: Ask): Promise<void> {
    try {
      await this.text(ask);
    } catch (error) {
      if (ask.method !== 'DELETE' || !hasKey(error, 'notFound')) throw error;
    }
  }

  list<T>(ask: Ask & { key: string; schema: z.ZodType<T> }): Promise<T[]> {
    return readPages(ask, (page) => this.text(page));
  }

  stream(ask: Ask): ReturnType<Cloud['stream']> {
    return this.answer(ask, (answer, url) => ({
      ...answer,
      body: readable(answer.body, ask.service, url),
    }));
  }

  async has(service: Service): Promise<boolean> {
    const { catalogue } = await this.keystone.session();
    return service === 'identity' || catalogue.some((entry) => entry.type === service);
  }

  async who(signal?: AbortSignal): ReturnType<Cloud['who']> {
    const { projectId, projectName, userId, roles, region, expiresAt } = await this.keystone.session(signal);
    return { projectId, projectName, userId, roles, region, expiresAt };
  }

  tls(): ReturnType<Cloud['tls']> {
    return this.wire.tls();
  }

  close(): Promise<void> {
    return this.wire.close();
  }

  private text(ask: Ask): Promise<string> {
    return this.answer(ask, (answer) => readText(answer.body));
  }

  lend<T>(service: Service, signal: AbortSignal | undefined, run: (loan: Loan) => Promise<T>): Promise<T> {
    return this.inSession(signal, true, async (session) => {
      const root = endpointOf(session.catalogue, service, this.access.login);
      const headers = service === 'compute' ? await this.novaVersion(session, root) : {};
      const { token } = session;
      return run({ root: this.wire.route(root), token, headers, options: this.requests, tls: this.tls() });
    });
  }

  /** Runs with a token; one that the cloud no longer takes is renewed, and it runs once again where it can. */
  private async inSession<T>(
    signal: AbortSignal | undefined,
    twice: boolean,
    run: (session: Session) => Promise<T>,
  ): Promise<T> {
    const session = await this.keystone.session(signal);
    try {
      return await run(session);
    } catch (error) {
      if (!hasKey(error, 'loginLost')) throw error;
      this.keystone.forget(session);
      if (!twice) throw error;
      return run(await this.keystone.session(signal));
    }
  }

  private answer<T>(ask: Ask, read: (answer: WireAnswer, url: string) => Promise<T> | T): Promise<T> {
    return this.inSession(ask.signal, !isStream(ask.body), async (session) => {
      const root = endpointOf(session.catalogue, ask.service, this.access.login);
      const url = addressOf(root, ask.path, ask.query);
      const version = ask.service === 'compute' ? await this.novaVersion(session, root) : {};
      const headers = { ...version, ...ask.headers, 'x-auth-token': session.token };
      return request(this.wire, { ...ask, url, headers }, this.requests, (answer) => read(answer, url));
    });
  }

  private novaVersion(session: Session, root: string): Promise<Record<string, string>> {
    this.nova ??= this.askNovaVersion(session, root).catch((error: unknown) => {
      this.nova = undefined;
      throw error;
    });
    return this.nova;
  }

  private async askNovaVersion(session: Session, root: string): Promise<Record<string, string>> {
    // The versioned root may end with the project, which is not part of the version's own address.
    const url = `${root.replace(/(\/v2\.1)(\/.*)?$/, '$1')}/`;
    const schema = z.object({ version: z.object({ version: z.string() }) });
    const path = '/';
    const text = await request(
      this.wire,
      { service: 'compute', url, headers: { 'x-auth-token': session.token } },
      this.requests,
      (answer) => readText(answer.body),
    );
    const newest = readAnswer({ service: 'compute', path, schema }, text).version.version;
    return novaVersionHeaders(newest);
  }
}

/**
 * Headers that ask nova for the newest version both sides know.
 *
 * @param newest as nova's root tells it, for example `2.93`; empty where nova knows no microversions
 */
export function novaVersionHeaders(newest: string): Record<string, string> {
  const minor = Math.min(Number(/^2\.(\d+)$/.exec(newest)?.[1] ?? 0), newestNova);
  if (minor === 0) return {};
  // The name for all services came with 2.27.
  return minor < 27
    ? { 'x-openstack-nova-api-version': `2.${minor}` }
    : { 'openstack-api-version': `compute 2.${minor}` };
}

function hasKey(error: unknown, key: string): boolean {
  return isProblem(error) && 'key' in error && error.key === `openstack.errors.${key}`;
}
