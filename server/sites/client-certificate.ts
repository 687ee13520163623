import { X509Certificate } from 'node:crypto';
import { Problem } from '../problem';

/** The parts of a client's certificate in a secret of PEM texts; absent where the secret holds none. */
export function clientCertificate(secret: string): { cert?: string; key?: string } {
  const cert = secret.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g)?.join('\n');
  const key = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z ]*PRIVATE KEY-----/.exec(secret)?.[0];
  return { ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) };
}

/** @throws Problem `invalid` for a secret without a certificate and its key, or whose certificate is none */
export function checkClientCertificate(secret: string): void {
  const { cert, key } = clientCertificate(secret);
  if (cert === undefined || key === undefined)
    throw new Problem('invalid', 'workloads.errors.certificateAndKey');
  checkCertificate(cert);
}

/** @throws Problem `invalid` for a PEM text that is no certificate */
export function checkCertificate(pem: string): void {
  try {
    void new X509Certificate(pem);
  } catch (error) {
    const detail = error instanceof Error ? error.message : '';
    throw new Problem('invalid', 'sites.errors.badCertificate', { number: 1 }, { detail });
  }
}
