/** The part of pkgcloud 2.2 that is used; it comes without types. */
declare module 'pkgcloud' {
  export type Done = (error: unknown, ...results: unknown[]) => void;

  /** What goes on the wire, before it does: an options object of `request`. */
  export type RequestOptions = Record<string, unknown> & {
    method?: string;
    headers?: Record<string, string>;
  };

  export interface Answer {
    statusCode: number;
    headers: Record<string, string | string[] | undefined>;
  }

  export interface Identity {
    token: { id: string; expires: Date };
    on(event: string, listener: () => void): void;
    authorize(done: Done): void;
    getServiceEndpointUrl(): string;
  }

  export interface ClientOptions {
    provider: 'openstack';
    identity: new () => Identity;
    earlyTokenTimeout: number;
  }

  /** A request on its way. */
  export interface Live {
    abort(): void;
  }

  export interface BaseClient {
    before: ((options: RequestOptions) => RequestOptions)[];
    auth(done: Done): void;
    _request(options: unknown, done: (error: unknown, body: unknown, answer?: Answer) => void): Live;
    _parseError(answer: Answer, body: unknown): unknown;
  }

  export interface ComputeClient extends BaseClient {
    getKey(name: string, done: Done): void;
    addKey(key: { name: string; type?: string; public_key: string }, done: Done): void;
    destroyKey(name: string, done: Done): void;
    startServer(id: string, done: Done): void;
    stopServer(id: string, done: Done): void;
    rebootServer(id: string, options: { type: 'SOFT' | 'HARD' }, done: Done): void;
  }

  export interface Pkgcloud {
    compute: { createClient(options: ClientOptions): ComputeClient };
  }

  const pkgcloud: Pkgcloud;
  export default pkgcloud;
}
