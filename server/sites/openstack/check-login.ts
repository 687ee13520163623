import { X509Certificate } from 'node:crypto';
import { Problem } from '../../problem';
import type { OpenStackLogin } from './login';

const certificates = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Checks what can be checked of a login without asking the cloud.
 *
 * @throws Problem `invalid`: `sites.errors.userNameMissing`, `credentialMissing`, `badCertificate` with which one it is
 */
export function checkLogin({ method, userName, credentialId, ca }: OpenStackLogin): void {
  if (method === 'password' && userName.trim() === '')
    throw new Problem('invalid', 'sites.errors.userNameMissing');
  if (method === 'applicationCredential' && credentialId.trim() === '')
    throw new Problem('invalid', 'sites.errors.credentialMissing');
  if (ca.trim() === '') return;
  const found = ca.match(certificates) ?? [];
  if (found.length === 0) throw new Problem('invalid', 'sites.errors.badCertificate', { number: 1 });
  for (const [index, pem] of found.entries()) {
    const fault = faultIn(pem);
    if (fault !== undefined) {
      const params = { number: index + 1 };
      throw new Problem('invalid', 'sites.errors.badCertificate', params, { detail: fault });
    }
  }
}

/** Whether a secret given for one login may be used for another: only for the same address and way of signing in. */
export function mayReuseSecret(stored: OpenStackLogin, wanted: OpenStackLogin): boolean {
  return (
    new URL(stored.authUrl).origin === new URL(wanted.authUrl).origin &&
    stored.method === wanted.method &&
    (stored.insecure || !wanted.insecure)
  );
}

/** OpenSSL's words for why it is no certificate. */
function faultIn(pem: string): string | undefined {
  try {
    return new X509Certificate(pem).raw.length > 0 ? undefined : '';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}
