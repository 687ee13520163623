/**
 * What a cloud's refusals mean: every answer that is not success, and every way a connection fails, as a Problem that
 * names cause and fix, with the cloud's own words as detail.
 */
import { Problem, type ProblemCode, type ProblemParams } from '../../problem';
import { serviceNames } from './catalogue';
import type { Service } from './cloud';
import { quotaFault, type OpenStackKey } from './quota-fault';
import { causeOf } from './server-fault';

/** An answer that is not success. */
export interface Refusal {
  service: Service;
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** The body's text, cut to what is worth reading. */
  text: string;
  /** What was sent with it and must not come back in words: token and password. */
  secrets?: readonly string[];
}

const detailLength = 1500;

/** Milliseconds without a byte after which a body counts as stuck. */
export const idleBodyMs = 60_000;

/**
 * Reads a refusal.
 *
 * @returns Problem `openstack.errors.*`; quotas by which one, whatever status they came with
 */
export function faultOf(refusal: Refusal): Problem {
  const service = serviceNames[refusal.service];
  const words = wordsOf(refusal.text);
  const detail = clean(words, refusal.secrets);
  const problem = (code: ProblemCode, key: OpenStackKey, params: ProblemParams = {}) =>
    new Problem(code, `openstack.errors.${key}`, { service, ...params }, { detail });
  const quota = quotaFault(refusal.status, words);
  if (quota !== undefined) {
    return new Problem('conflict', `openstack.errors.${quota.key}`, quota.params, { detail });
  }
  const { status } = refusal;
  const known = [400, 409].includes(status) ? causeOf(words)?.key : undefined;
  if (known !== undefined && toldAtOnce.has(known)) return problem('conflict', known);
  if (status >= 300 && status < 400) {
    return problem('failed', 'redirected', { to: refusal.headers.location ?? '–' });
  }
  switch (status) {
    case 401:
      return problem('unavailable', 'loginLost');
    case 403:
      return problem('forbidden', 'forbidden');
    case 404:
    case 410:
      return problem('not_found', 'notFound');
    case 409:
    case 412:
      return problem('conflict', 'conflict');
    case 429:
      return problem('too_many', 'rateLimited');
    case 413:
      // Nova's older answer to too many requests; everybody else means the size.
      return refusal.headers['retry-after'] === undefined
        ? problem('too_large', 'tooLarge')
        : problem('too_many', 'rateLimited');
    case 408:
    case 502:
    case 503:
    case 504:
      return problem('unavailable', 'unavailable', { status });
    default:
      return status >= 500
        ? problem('failed', 'serverError', { status })
        : problem('invalid', 'badRequest', { status });
  }
}

// What nova and neutron refuse at once where they can, and find out later where they cannot.
const toldAtOnce: ReadonlySet<string> = new Set(['flavorTooSmall', 'addressTaken', 'noAddressLeft']);

/** Why a connection failed, and whether asking again can make sense. */
export interface WireFault {
  /** A Problem, or the abort itself. */
  error: Error;
  /** `unsent`: the cloud has seen nothing of it; `cut`: it may have; `never`: again would be the same. */
  again: 'unsent' | 'cut' | 'never';
}

/**
 * Reads what a socket, the resolver or TLS said.
 *
 * @param error as undici threw it
 * @param of whom was asked where, and after how many milliseconds one gave up
 */
export function wireFault(
  error: unknown,
  of: { service: Service; url: string; timeoutMs?: number; signal?: AbortSignal | undefined },
): WireFault {
  if (of.signal?.aborted === true || (error instanceof Error && error.name === 'AbortError')) {
    return { error: error instanceof Error ? error : new Error('aborted'), again: 'never' };
  }
  const { hostname, host } = new URL(of.url);
  const service = serviceNames[of.service];
  const code = codeOf(error);
  const detail = error instanceof Error ? error.message : undefined;
  const fault = (key: OpenStackKey, params: ProblemParams, again: WireFault['again']): WireFault => ({
    error: new Problem('unavailable', `openstack.errors.${key}`, params, { detail, cause: error }),
    again,
  });
  const tls = tlsFaults[code];
  if (tls !== undefined) return fault(tls, { host }, 'never');
  // Node's words where the other side hangs up on a TLS greeting; its code is that of any reset.
  if (/before secure TLS connection/.test(detail ?? '')) return fault('tlsCut', { host }, 'unsent');
  switch (code) {
    case 'ENOTFOUND':
      return fault('dns', { host: hostname }, 'never');
    case 'EAI_AGAIN':
      return fault('dns', { host: hostname }, 'unsent');
    case 'ECONNREFUSED':
      return fault('refused', { service, address: host }, 'unsent');
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return fault('noRoute', { service, address: host }, 'unsent');
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return fault('connectTimeout', { service, address: host }, 'never');
    case 'UND_ERR_BODY_TIMEOUT':
      return fault('timeout', { service, seconds: idleBodyMs / 1000 }, 'never');
    case 'ESOCKETTIMEDOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
      return fault('timeout', { service, seconds: Math.ceil((of.timeoutMs ?? 0) / 1000) }, 'never');
    default:
      if (/ssl|tls|cert/i.test(code)) return fault('tls', { host }, 'never');
      if (code.startsWith('HPE_')) return fault('notHttp', { service, address: host }, 'never');
      if (cuts.has(code)) return fault('cut', { service }, 'cut');
      // Not of the wire at all: a fault of ours, which must not pass for the cloud's.
      return { error: error instanceof Error ? error : new Error(String(error)), again: 'never' };
  }
}

const cuts: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'UND_ERR_SOCKET',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);

// OpenSSL's verification results, and what a server says that does not speak TLS at all.
const tlsFaults: Readonly<Record<string, OpenStackKey>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tlsUnknownAuthority',
  SELF_SIGNED_CERT_IN_CHAIN: 'tlsUnknownAuthority',
  UNABLE_TO_GET_ISSUER_CERT: 'tlsUnknownAuthority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tlsUnknownAuthority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tlsUnknownAuthority',
  CERT_HAS_EXPIRED: 'tlsExpired',
  CERT_NOT_YET_VALID: 'tlsExpired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tlsName',
  ERR_SSL_WRONG_VERSION_NUMBER: 'tlsNone',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'tlsNone',
  EPROTO: 'tlsNone',
};

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error.cause);
}

/**
 * The Problem for an answer that is success and yet is not what the API promises.
 *
 * @param why in English, for the detail: which field, or that it is not JSON
 */
export function badAnswer(service: Service, why: string, cause?: unknown): Problem {
  const params = { service: serviceNames[service] };
  return new Problem('failed', 'openstack.errors.badAnswer', params, { detail: why, cause });
}

/**
 * The words in an error's body. Nova wraps them in a name per fault, neutron in NeutronError, keystone and heat in
 * `error`, placement in `errors[]`; glance and every WSGI front door answer with a page.
 */
export function wordsOf(text: string): string {
  const trimmed = text.trim();
  if (trimmed.startsWith('{')) {
    try {
      return wordsIn(JSON.parse(trimmed) as unknown) ?? trimmed;
    } catch {
      return trimmed;
    }
  }
  if (!trimmed.startsWith('<')) return trimmed;
  const page = /<body[^>]*>([\s\S]*?)(<\/body>|$)/i.exec(trimmed)?.[1] ?? trimmed;
  return page
    .replace(/<h1>[\s\S]*?<\/h1>/i, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(quot|#34);/g, '"')
    .replace(/&(apos|#39|#x27);/g, "'")
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
    .trim();
}

function wordsIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return wordsIn(value[0]);
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = value as Record<string, unknown>;
  for (const name of ['message', 'detail', 'error', 'errors', 'NeutronError', 'explanation', 'faultstring']) {
    const words = entries[name] === '' ? undefined : wordsIn(entries[name]);
    if (words !== undefined) return words;
  }
  const [only, ...others] = Object.values(entries);
  return others.length === 0 && typeof only === 'object' ? wordsIn(only) : undefined;
}

function clean(words: string, secrets: readonly string[] = []): string | undefined {
  let text = words;
  for (const secret of secrets) if (secret !== '') text = text.replaceAll(secret, '[hidden]');
  // Glance escapes its own line breaks.
  text = text
    .replace(/<br \/>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  if (text === '') return undefined;
  return text.length > detailLength ? `${text.slice(0, detailLength)}…` : text;
}
