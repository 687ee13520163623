import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { SecretsPort } from '../access/ports';
import { selfSigned } from './certificate';
import type { Access } from './token-scope';

/** How long a token works. Docker's own default is a minute; a big layer is let in once, at its start. */
export const tokenSeconds = 300;
const issuer = 'edgeyard';
/** What the tokens are for; the registry's own name in its configuration. */
export const tokenService = 'edgeyard-registry';
const secretName = 'registry:token-key';

/** Makes the tokens that the bundled registry takes. */
export interface TokenSigner {
  issuer: string;
  /** The certificate of its key, PEM, for the registry's `rootcertbundle`. */
  certificate: string;
  /** @param subject who it is for */
  sign(subject: string, access: readonly Access[]): Promise<{ token: string; expiresAt: number }>;
}

/**
 * Takes the key out of the secrets, or makes one at the first start.
 *
 * @param secrets where key and certificate are sealed
 */
export function openTokenSigner(secrets: SecretsPort): TokenSigner {
  const { key, certificate } = storedOrNew(secrets);
  const privateKey = createPrivateKey(key);
  return {
    issuer,
    certificate: `-----BEGIN CERTIFICATE-----\n${certificate.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    async sign(subject, access) {
      const now = Math.floor(Date.now() / 1000);
      const token = await new SignJWT({ access })
        // The registry finds the key by the certificate in the header, which it trusts by its own bundle.
        .setProtectedHeader({ typ: 'JWT', alg: 'ES256', x5c: [certificate] })
        .setIssuer(issuer)
        .setSubject(subject)
        .setAudience(tokenService)
        .setIssuedAt(now)
        // Clocks of one machine: a second that is not over yet must not make a token too young.
        .setNotBefore(now - 10)
        .setExpirationTime(now + tokenSeconds)
        .setJti(randomUUID())
        .sign(privateKey);
      return { token, expiresAt: (now + tokenSeconds) * 1000 };
    },
  };
}

function storedOrNew(secrets: SecretsPort): { key: string; certificate: string } {
  const stored = secrets.read(secretName);
  if (stored !== undefined) return JSON.parse(stored) as { key: string; certificate: string };
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = selfSigned(
    { privateKey, publicKey: createPublicKey(privateKey) },
    'Edgeyard registry tokens',
  ).toString('base64');
  const made = { key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), certificate };
  secrets.put(secretName, JSON.stringify(made));
  return made;
}
