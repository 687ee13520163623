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

/** A proxy that opened the WebSocket and hung up before the greeting of RFB. */
export interface Refusal {
  /** Host and port. */
  address: string;
  /** Close code and words, which most proxies leave out; undefined when the proxy said nothing at all. */
  ending: string | undefined;
  afterMs: number;
}

/** A proxy that knows the token tries to reach the host, and that takes time; an unknown token it drops at once. */
const triedHostMs = 3000;

/**
 * The proxy refused a fresh token. It gives no reason, so the likely ones are told: no Origin was sent and the token
 * was new, which leaves a host that the proxy does not reach, or a proxy that does not know nova's tokens.
 *
 * @returns a Problem `unavailable`
 */
export function refused({ address, ending, afterMs }: Refusal): Problem {
  const why = ending === undefined ? 'silent' : afterMs >= triedHostMs ? 'late' : 'atOnce';
  return new Problem('unavailable', 'openstack.errors.consoleRefused', { address, why }, { detail: ending });
}

function whyOf(url: URL, { error, status }: { error?: unknown; status?: number }): Why {
  if (status !== undefined) return 'status';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why =
    byCode[code] ?? (error instanceof Error && /timed out/.test(error.message) ? 'noAnswer' : 'other');
  return why === 'refused' && loopback.test(url.host) ? 'loopback' : why;
}
