import { RegistryError } from './oci';

/** What docker-registry lets clocks differ by (distribution, registry/auth/token: `Leeway`), in milliseconds. */
const leewayMs = 60_000;

/**
 * Why a registry refuses a token that was just made for it, where clocks are the reason: to it the token is not valid
 * yet, or no longer. Clocks of clients do not matter: tokens are renewed by how long they live.
 *
 * @param answer its refusal, which carries its time (RFC 9110, 6.6.1)
 * @param madeAt what the clock of the token's maker showed, as an HTTP date
 * @returns undefined where the clocks agree or nobody tells the time, and where the token was read but grants too little
 */
export function clockFault(
  { headers, url }: { headers: Record<string, string>; url: string },
  madeAt: string,
): RegistryError | undefined {
  if (/error="?insufficient_scope/.test(headers['www-authenticate'] ?? '')) return undefined;
  const aheadMs = Date.parse(madeAt) - Date.parse(headers['date'] ?? '');
  if (!(Math.abs(aheadMs) > leewayMs)) return undefined;
  const minutes = Math.round(Math.abs(aheadMs) / 6_000) / 10;
  const words = `the token server's clock (${madeAt}) is ${minutes} minutes ${aheadMs > 0 ? 'ahead of' : 'behind'} the registry's (${headers['date']})`;
  return new RegistryError('clock', `${url}: ${words}`, { status: 401, words, url });
}
