/** The parts of a client's certificate in a secret of PEM texts; absent where the secret holds none. */
export function clientCertificate(secret: string): { cert?: string; key?: string } {
  const cert = secret.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g)?.join('\n');
  const key = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z ]*PRIVATE KEY-----/.exec(secret)?.[0];
  return { ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) };
}
