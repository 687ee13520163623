/**
 * What the parts of the OpenStack adapter ask a cloud with. `openCloud` (session.ts) is the only thing that makes one:
 * a keystone session with its catalogue, and one request function that knows time limits, repeats, faults and
 * microversions. No call asks nova for more than 2.87, the newest of Victoria.
 */
import type { Readable } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import type { z } from 'zod';

/** Types of the catalogue (service-types authority); `identity` is the address of the login itself. */
export type Service = 'identity' | 'compute' | 'image' | 'network' | 'orchestration' | 'placement';

export interface Ask {
  service: Service;
  /** GET when absent. */
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  /**
   * Below the service's versioned root, with its leading slash: `/servers/ID` for nova, `/v2/images` for glance,
   * `/v2.0/ports` for neutron, `/stacks` for heat (its root holds the project).
   */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  /** Sent as JSON; a stream or bytes are sent as `application/octet-stream`. */
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** Milliseconds until the answer's headers; 30 s when absent. */
  timeoutMs?: number;
  /** Repeats after 429, 500, 502, 503, 504 and cut connections: by default for GET, HEAD, PUT of JSON and DELETE. */
  repeats?: boolean;
}

export interface StreamedAnswer {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  body: Readable;
}

export interface Cloud {
  /**
   * Asks, checks the answer against a schema and returns it.
   * @throws Problem whose key is `openstack.errors.*`, with the cloud's own words as detail (see faults.ts)
   */
  ask<T>(ask: Ask & { schema: z.ZodType<T> }): Promise<T>;
  /** As {@link ask}; undefined for 404. */
  find<T>(ask: Ask & { schema: z.ZodType<T> }): Promise<T | undefined>;
  /** Asks for nothing but success; 404 and 410 count as success for DELETE. */
  send(ask: Ask): Promise<void>;
  /** Every page of a list, by `limit`/`marker` and the answer's links. @param key name of the list in the answer */
  list<T>(ask: Ask & { key: string; schema: z.ZodType<T> }): Promise<T[]>;
  /** The answer as a stream, 2xx only; the caller reads it to its end or destroys it. */
  stream(ask: Ask): Promise<StreamedAnswer>;
  /** Whether the catalogue has the service. */
  has(service: Service): Promise<boolean>;
  /** Who the session is. */
  who(signal?: AbortSignal): Promise<{
    projectId: string;
    projectName: string;
    userId: string;
    roles: string[];
    region: string | undefined;
    /** When the session ends unless it is renewed, which happens by itself; milliseconds since 1970. */
    expiresAt: number;
  }>;
  /** TLS options of the login, for sockets that are not HTTP (the console's). */
  tls(): SecureContextOptions & { rejectUnauthorized?: boolean };
  /** Lets go of sockets. */
  close(): Promise<void>;
}
