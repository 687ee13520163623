/**
 * A key that makes the same request, sent twice, count once. `crypto.randomUUID` would do, but browsers have it only
 * on https and localhost, and an Edgeyard in a local network is often reached over plain http.
 * @returns 128 random bits as 32 hexadecimal digits
 */
export function newRequestKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
