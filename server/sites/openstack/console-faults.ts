/** Why the way to a cloud's console proxy failed, in words that name the part to mend. */
import { Problem } from '../../problem';

/** Each is a choice of `openstack.errors.consoleProxyUnreachable`. */
type Why = 'loopback' | 'name' | 'refused' | 'noAnswer' | 'certificate' | 'status' | 'other';

const byCode: Record<string, Why> = {
  ENOTFOUND: 'name',
  EAI_AGAIN: 'name',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'noAnswer',
  ENETUNREACH: 'noAnswer',
  ETIMEDOUT: 'noAnswer',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate',
  CERT_HAS_EXPIRED: 'certificate',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate',
};

/** nova's `novncproxy_base_url` is this machine's loopback until an operator sets it. */
const loopback = /^(localhost|127\.|\[::1\])/;

/**
 * The proxy, or a gateway before it, did not even open the WebSocket.
 *
 * @param url where it was looked for; only its host and port are told, for the rest holds the token
 * @param cause the socket's error, or the HTTP status that came in place of 101
 * @returns a Problem `unavailable`
 */
export function unreachable(url: URL, cause: { error?: unknown; status?: number }): Problem {
  const why = whyOf(url, cause);
  return new Problem(
    'unavailable',
    'openstack.errors.consoleProxyUnreachable',
    { address: url.host, why, status: cause.status ?? 0 },
    { detail: cause.error instanceof Error ? cause.error.message : undefined, cause: cause.error },
  );
}

function whyOf(url: URL, { error, status }: { error?: unknown; status?: number }): Why {
  if (status !== undefined) return 'status';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why =
    byCode[code] ?? (error instanceof Error && /timed out/.test(error.message) ? 'noAnswer' : 'other');
  return why === 'refused' && loopback.test(url.host) ? 'loopback' : why;
}
