/** The engine of a Docker host: how it is reached, and what it answers when something is wrong. */
import { Agent, type Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import Docker from 'dockerode';
import { Problem } from '../../problem';
import { clientCertificate } from '../client-certificate';
import { wireProblem } from '../wire-faults';
import type { DockerAccess, DockerLogin } from './login';
import { SshAgent, type SshTarget } from './ssh-agent';

export interface Engine {
  docker: Docker;
  /** The endpoint, for messages. */
  at: string;
  /** Host at which published ports are reached. */
  host: string;
  close(): void;
}

/** A Docker endpoint taken apart. */
export type Endpoint =
  | { way: 'unix'; path: string }
  | { way: 'tcp'; host: string; port: number; tls: boolean }
  | { way: 'ssh'; host: string; port: number; user: string };

/** @param login with an endpoint that its schema took */
export function endpointOf({ endpoint, tls }: Pick<DockerLogin, 'endpoint' | 'tls'>): Endpoint {
  if (endpoint.startsWith('unix://')) return { way: 'unix', path: endpoint.slice('unix://'.length) };
  // URL takes an address apart only below a scheme it knows.
  const { hostname, port, username } = new URL(endpoint.replace(/^(tcp|ssh):/, 'http:'));
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (endpoint.startsWith('ssh://')) {
    return { way: 'ssh', host, port: Number(port || 22), user: decodeURIComponent(username) };
  }
  return { way: 'tcp', host, port: Number(port || (tls ? 2376 : 2375)), tls };
}

/** The options of TLS for a login over TCP. */
export function tlsOf({ login, secret }: DockerAccess) {
  return {
    ...clientCertificate(secret),
    ...(login.ca.trim() !== '' && { ca: login.ca }),
    rejectUnauthorized: !login.insecure,
  };
}

/** Makes a client of an engine; nothing is asked before the first call. */
export function openEngine(access: DockerAccess): Engine {
  const { login } = access;
  const to = endpointOf(login);
  const agent = agentOf(access, to);
  // What is not given is taken from DOCKER_HOST and the like of our own process, which are none of a site's.
  const none = { host: undefined, port: undefined, ca: undefined, cert: undefined, key: undefined };
  // Its types do not know the agent, which it hands to Node's client.
  const options: Docker.DockerOptions & { agent: HttpAgent } = {
    ...none,
    agent,
    timeout: undefined,
    protocol: to.way === 'tcp' && to.tls ? 'https' : 'http',
    ...(to.way === 'unix' ? { socketPath: to.path } : { host: hostInUrl(to.host), port: to.port }),
  };
  const docker = new Docker(options);
  return {
    docker,
    at: login.endpoint,
    host: login.publicHost || (to.way === 'unix' ? 'localhost' : to.host),
    close: () => agent.destroy(),
  };
}

function agentOf(access: DockerAccess, to: Endpoint): HttpAgent {
  if (to.way === 'ssh') return new SshAgent(sshTarget(access, to));
  if (to.way === 'tcp' && to.tls) return new HttpsAgent({ keepAlive: true, ...tlsOf(access) });
  return new Agent({ keepAlive: true });
}

/** Whom to log in as, and with what. */
export function sshTarget({ login, secret }: DockerAccess, to: Endpoint & { way: 'ssh' }): SshTarget {
  return { host: to.host, port: to.port, user: to.user, secret, hostKey: login.hostKey };
}

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

interface EngineError extends Error {
  statusCode: number;
  json: unknown;
}

function isEngineError(error: unknown): error is EngineError {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number';
}

/** The API of Docker 20.10, which this is written for. */
export const oldestApi = '1.41';

/** Whether an engine's API, `1.41` for example, has what is needed. */
export function isNewEnough(version: string): boolean {
  return Number(version.split('.')[1]) >= Number(oldestApi.split('.')[1]);
}

/** Whether the engine said that there is no such thing. */
export function isGone(error: unknown): boolean {
  return isEngineError(error) && error.statusCode === 404;
}

/** Whether the engine said that it is so already, or is being made so. */
export function isSettled(error: unknown): boolean {
  return isEngineError(error) && (error.statusCode === 304 || error.statusCode === 404);
}

/** The engine's own words. */
export function wordsOf(error: unknown): string {
  if (isEngineError(error)) {
    const { json } = error;
    if (typeof json === 'object' && json !== null && 'message' in json) return String(json.message);
  }
  return error instanceof Error ? error.message : String(error);
}

/**
 * What an engine or the way to it said, as a Problem.
 *
 * @param at the endpoint, for the message
 */
export function engineProblem(error: unknown, at: string): unknown {
  const onTheWay = wireProblem(error, at);
  if (onTheWay) return onTheWay;
  if (!isEngineError(error)) return error;
  const detail = wordsOf(error);
  const { statusCode } = error;
  const with_ = { detail, cause: error };
  if (statusCode === 400) return new Problem('invalid', 'workloads.errors.refusedByEngine', { at }, with_);
  if (statusCode === 401 || statusCode === 403) {
    return new Problem('forbidden', 'workloads.errors.notAllowed', { at }, with_);
  }
  if (statusCode === 409) return new Problem('conflict', 'workloads.errors.engineConflict', { at }, with_);
  if (/no space left/i.test(detail))
    return new Problem('no_space', 'workloads.errors.hostFull', { at }, with_);
  if (/port is already allocated|address already in use/i.test(detail)) {
    const port = /:(\d+)[^:]*(?:failed|is already)/.exec(detail)?.[1] ?? '';
    return new Problem('conflict', 'workloads.errors.portTaken', { at, port }, with_);
  }
  return new Problem('failed', 'workloads.errors.engineFailed', { at }, with_);
}

/** Runs something with an engine; what it says is turned into Problems, an abort is thrown on. */
export async function asked<T>(
  engine: Pick<Engine, 'at'>,
  signal: AbortSignal | undefined,
  work: Promise<T>,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    signal?.throwIfAborted();
    throw engineProblem(error, engine.at);
  }
}
