/** What went wrong between us and a cluster or Docker host, below their APIs, in people's words. */
import type { KeyBelow } from '@/messages/messages';
import { isNoSpace, isProblem, Problem } from '../problem';

const byCode: Readonly<Record<string, KeyBelow<'workloads.errors'>>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_NONAME: 'dns',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'noRoute',
  ENETUNREACH: 'noRoute',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  ECONNRESET: 'cut',
  EPIPE: 'cut',
  UND_ERR_SOCKET: 'cut',
  ENOENT: 'noSocket',
  EACCES: 'noPermission',
  EPERM: 'noPermission',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tlsName',
  CERT_HAS_EXPIRED: 'tlsExpired',
  CERT_NOT_YET_VALID: 'tlsExpired',
};
const untrusted =
  /^(SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_(UNTRUSTED|SIGNATURE))/;

/**
 * A socket's, resolver's or TLS layer's error as a Problem.
 *
 * @param error what was caught; a Problem stays what it is
 * @param at the address that was spoken to, for the message
 * @returns undefined for what is none of theirs
 */
export function wireProblem(error: unknown, at: string): Problem | undefined {
  if (isProblem(error)) return error;
  // Undici and node-fetch wrap what the socket said, some of them twice.
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    const word = wordOf(each);
    if (word !== undefined) {
      return new Problem(
        'unavailable',
        `workloads.errors.${word}`,
        { at },
        { detail: each.message, cause: error },
      );
    }
    if (isNoSpace(each)) return undefined;
  }
  return undefined;
}

function wordOf(error: Error): KeyBelow<'workloads.errors'> | undefined {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = byCode[code];
  if (known !== undefined) return known;
  if (untrusted.test(code)) return 'tlsUntrusted';
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') || code === 'EPROTO') return 'tls';
  // `http` and `https` clients say only in words that the other side hung up.
  if (/socket hang up|Premature close/.test(error.message)) return 'cut';
  return undefined;
}
