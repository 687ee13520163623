/**
 * The one importer of pkgcloud. It asks on our own session, by way of its identity class and its `before` hooks; each
 * call has a client of its own, so that a call's end, its signal and its time are its own. What pkgcloud 2.2 lacks or
 * breaks does not go through it: remote consoles, createImage, glance, lists that have pages, flags of flavors and
 * networks that it drops, and servers, whose model needs a package of address ranges that is left out.
 */
import type { Answer, ClientOptions, ComputeClient, Done, RequestOptions } from 'pkgcloud';
import { z } from 'zod';
import type { Cloud } from './cloud';
import { badAnswer, faultOf } from './faults';
import { unlessRefused } from './refusals';
import { defaultTimeoutMs, repeated, type Attempt, type Request } from './requests';
import { withLoan, type Loan } from './session';

const keyPair = z.object({ name: z.string(), public_key: z.string() });
export type KeyPair = z.infer<typeof keyPair>;

/** What pkgcloud does for us. Each throws Problems as `Cloud.ask` does, and the signal's reason when aborted. */
export interface PkgcloudCompute {
  /** @returns undefined when there is none of the name */
  keyPair(name: string, signal?: AbortSignal): Promise<KeyPair | undefined>;
  /** @param publicKey one line of an `authorized_keys` file */
  addKeyPair(name: string, publicKey: string, signal?: AbortSignal): Promise<void>;
  /** One that is not there is fine. */
  removeKeyPair(name: string, signal?: AbortSignal): Promise<void>;
  /** nova's `os-start`; it answers before the server runs. */
  start(serverId: string, signal?: AbortSignal): Promise<void>;
  /** nova's `os-stop`: asks the guest by ACPI, and forces after nova's own time. */
  stop(serverId: string, signal?: AbortSignal): Promise<void>;
  /** `SOFT` asks the guest, `HARD` resets it. */
  reboot(serverId: string, type: 'SOFT' | 'HARD', signal?: AbortSignal): Promise<void>;
}

/**
 * Nova by pkgcloud, on the session of a cloud.
 *
 * @param cloud one of `openCloud`'s
 * @param timeoutMs until an answer's headers
 */
export function pkgcloudCompute(cloud: Cloud, timeoutMs = defaultTimeoutMs): PkgcloudCompute {
  const none = z.unknown();
  const get = (signal?: AbortSignal): CallOptions => ({ method: 'GET', signal, timeoutMs });
  const post = (signal?: AbortSignal): CallOptions => ({ method: 'POST', signal, timeoutMs });
  const remove = (signal?: AbortSignal): CallOptions => ({ method: 'DELETE', signal, timeoutMs });
  return {
    async keyPair(name, signal) {
      const path = encodeURIComponent(name);
      const asked = call(cloud, get(signal), keyPair, (nova, done) => nova.getKey(path, done));
      return unlessRefused(asked, undefined, 'not_found');
    },
    async addKeyPair(name, publicKey, signal) {
      const key = { name, type: 'ssh', public_key: publicKey };
      await call(cloud, post(signal), keyPair.partial(), (nova, done) => nova.addKey(key, done));
    },
    async removeKeyPair(name, signal) {
      const path = encodeURIComponent(name);
      const asked = call(cloud, remove(signal), none, (nova, done) => nova.destroyKey(path, done));
      await unlessRefused(asked, undefined, 'not_found');
    },
    async start(serverId, signal) {
      await call(cloud, post(signal), none, (nova, done) => nova.startServer(serverId, done));
    },
    async stop(serverId, signal) {
      await call(cloud, post(signal), none, (nova, done) => nova.stopServer(serverId, done));
    },
    async reboot(serverId, type, signal) {
      await call(cloud, post(signal), none, (nova, done) => nova.rebootServer(serverId, { type }, done));
    },
  };
}

type CallOptions = Pick<Request, 'signal' | 'method'> & { timeoutMs: number };
type Run = (client: ComputeClient, done: Done) => void;

async function call<T>(cloud: Cloud, ask: CallOptions, schema: z.ZodType<T>, run: Run): Promise<T> {
  const result = await withLoan(cloud, 'compute', ask.signal, (loan) => {
    const headers = { 'x-auth-token': loan.token };
    const request: Request = { ...ask, service: 'compute', url: loan.root, headers };
    return repeated(request, loan.options, async () =>
      attempt(await clientOf(loan, ask.timeoutMs), request, run),
    );
  });
  const read = schema.safeParse(result);
  if (!read.success) throw badAnswer('compute', z.prettifyError(read.error), read.error);
  return read.data;
}

/** A client that is signed in already. */
async function clientOf(loan: Loan, timeoutMs: number): Promise<ComputeClient> {
  // It takes a quarter of a second to load: not at the start of the process.
  const { default: pkgcloud } = await import('pkgcloud');
  const client = pkgcloud.compute.createClient({
    provider: 'openstack',
    identity: identityOf(loan),
    earlyTokenTimeout: 0,
  });
  client.before.push((options) => onOurTerms(options, loan, timeoutMs));
  // With an identity that has its token this is done when it returns.
  client.auth(() => undefined);
  return client;
}

/** Stands in for pkgcloud's own login. The session behind it decides when a token has ended. */
function identityOf(loan: Loan): ClientOptions['identity'] {
  return class {
    readonly token = { id: loan.token, expires: new Date(Number.MAX_SAFE_INTEGER / 10_000) };
    on(): void {
      // Its trace events carry passwords and tokens: nobody listens.
    }
    authorize(done: Done): void {
      done(undefined);
    }
    getServiceEndpointUrl(): string {
      return loan.root;
    }
  };
}

/** Time, certificates and microversion, none of which pkgcloud knows; and no way past the address asked for. */
function onOurTerms(options: RequestOptions, loan: Loan, timeoutMs: number): RequestOptions {
  const { rejectUnauthorized, ...tls } = loan.tls;
  options.timeout = timeoutMs;
  options.strictSSL = rejectUnauthorized !== false;
  options.agentOptions = tls;
  options.followRedirect = false;
  options.proxy = null;
  options.headers = { ...options.headers, ...loan.headers };
  return options;
}

/** One call, with its answer judged before pkgcloud's handlers see it. */
async function attempt(client: ComputeClient, ask: Request, run: Run): Promise<Attempt<unknown>> {
  let abort = () => {};
  const stop = () => abort();
  try {
    return await new Promise((resolve, reject) => {
      let ended = false;
      const done: Done = (error, result) => {
        ended = true;
        if (error === undefined || error === null) resolve({ result });
        else
          reject(isOfTheWire(error) ? error : badAnswer('compute', 'an answer without its content', error));
      };
      // It takes every status that it does not list for success (429, 502, 504), and words others wrongly.
      client._parseError = (answer, body) => {
        if (answer.statusCode >= 200 && answer.statusCode < 300) return undefined;
        resolve({ refusal: refusalOf(answer, body), fault: faultOf });
        return { message: 'refused', statusCode: answer.statusCode };
      };
      const send = client._request.bind(client);
      client._request = (options, handle) => {
        const live = send(options, (error, body, answer) => {
          try {
            handle(error, body, answer);
          } catch (thrown) {
            // Thrown out of a socket's event it would end the process.
            reject(badAnswer('compute', 'an answer without its content', thrown));
          }
          // Some of its handlers return an error instead of calling back.
          if (!ended) reject(badAnswer('compute', 'an answer without its content'));
        });
        abort = () => {
          live.abort();
          reject(ask.signal?.reason);
        };
        return live;
      };
      ask.signal?.addEventListener('abort', stop, { once: true });
      run(client, done);
    });
  } finally {
    ask.signal?.removeEventListener('abort', stop);
  }
}

function refusalOf(answer: Answer, body: unknown) {
  const headers = Object.entries(answer.headers).map(([name, value]) => [
    name,
    [value ?? ''].flat().join(', '),
  ]);
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? '');
  return {
    service: 'compute' as const,
    status: answer.statusCode,
    headers: Object.fromEntries(headers) as Record<string, string>,
    text,
  };
}

function isOfTheWire(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}
