import { createHash, createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** The person who signs in at the provider. */
export interface Claims {
  sub: string;
  email: string;
  email_verified: boolean;
  name?: string;
  preferred_username?: string;
}

interface Grant {
  challenge: string;
  nonce: string;
  redirectUri: string;
}

/**
 * A small OpenID Connect provider on loopback that insists on what a careful one does: PKCE with S256, the client's
 * secret, the same redirect address, and each code once. It signs with RS256.
 *
 * @param spoil changes the ID token's claims before they are signed, to play a bad provider
 */
export async function testProvider(claims: Claims, spoil: (token: object) => object = (token) => token) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const grants = new Map<string, Grant>();
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await answer(request);
    response.writeHead(body === undefined ? 400 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? { error: 'invalid_grant' }));
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(request: IncomingMessage): Promise<object | undefined> {
    switch (request.url) {
      case '/.well-known/openid-configuration':
        return {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/keys`,
          id_token_signing_alg_values_supported: ['RS256'],
        };
      case '/keys':
        return { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: '1', alg: 'RS256', use: 'sig' }] };
      case '/token':
        return redeem(new URLSearchParams(await text(request)), request.headers.authorization);
      default:
        return undefined;
    }
  }

  function redeem(form: URLSearchParams, authorization: string | undefined): object | undefined {
    const grant = grants.get(form.get('code') ?? '');
    grants.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const basic = `Basic ${Buffer.from('edgeyard:provider-secret').toString('base64')}`;
    const secretFits = form.get('client_secret') === 'provider-secret' || authorization === basic;
    if (!grant || grant.challenge !== challenge || !secretFits) return undefined;
    if (form.get('redirect_uri') !== grant.redirectUri) return undefined;
    return {
      access_token: randomUUID(),
      token_type: 'Bearer',
      expires_in: 300,
      id_token: idToken(grant.nonce),
    };
  }

  function idToken(nonce: string): string {
    const now = Math.floor(Date.now() / 1000);
    const payload = spoil({ iss: issuer, aud: 'edgeyard', iat: now, exp: now + 300, nonce, ...claims });
    const signed = [{ alg: 'RS256', kid: '1' }, payload]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
  }

  return {
    config: { issuer, clientId: 'edgeyard', clientSecret: 'provider-secret', label: 'Company login' },
    /** What the person's browser does there: agrees, and is sent back. */
    agree(url: string): string {
      const asked = new URL(url).searchParams;
      const code = randomUUID();
      if (asked.get('code_challenge_method') !== 'S256') throw new Error('PKCE is missing');
      const redirectUri = asked.get('redirect_uri') ?? '';
      grants.set(code, {
        challenge: asked.get('code_challenge') ?? '',
        nonce: asked.get('nonce') ?? '',
        redirectUri,
      });
      return `${redirectUri}?code=${code}&state=${encodeURIComponent(asked.get('state') ?? '')}`;
    },
    close: () => {
      server.close();
    },
  };
}
