import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { selfSigned } from './certificate';
import { granted, readScopes } from './token-scope';
import { openTokenSigner, tokenService } from './token-signer';

function memorySecrets() {
  const kept = new Map<string, string>();
  return {
    put: (name: string, plain: string) => void kept.set(name, plain),
    read: (name: string) => kept.get(name),
    has: (name: string) => kept.has(name),
    remove: (name: string) => void kept.delete(name),
  };
}

describe('the certificate', () => {
  it('is one that others read, and holds for decades', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const made = new X509Certificate(selfSigned({ privateKey, publicKey }, 'Edgeyard'));
    expect(made.subject).toBe('CN=Edgeyard');
    expect(made.verify(createPublicKey(privateKey))).toBe(true);
    expect(new Date(made.validFrom).getTime()).toBeLessThan(Date.now());
    expect(new Date(made.validTo).getUTCFullYear()).toBe(2049);
  });
});

describe('a token', () => {
  it('says who, for whom, and what; the key stays the same', async () => {
    const secrets = memorySecrets();
    const signer = openTokenSigner(secrets);
    const access = [{ type: 'repository', name: 'workbench/a', actions: ['pull'] }];
    const { token } = await signer.sign('robot', access);
    const again = openTokenSigner(secrets);
    const key = new X509Certificate(again.certificate).publicKey;
    const { payload } = await jwtVerify(token, key, { issuer: signer.issuer, audience: tokenService });
    expect(payload).toMatchObject({ sub: 'robot', access });
    expect(decodeProtectedHeader(token).x5c).toHaveLength(1);
  });
});

describe('scopes', () => {
  it('are read in all their forms', () => {
    expect(
      readScopes(['repository:a/b:pull,push registry:catalog:*', 'repository:host:5000/c:pull']),
    ).toEqual([
      { type: 'repository', name: 'a/b', actions: ['pull', 'push'] },
      { type: 'registry', name: 'catalog', actions: ['*'] },
      { type: 'repository', name: 'host:5000/c', actions: ['pull'] },
    ]);
    expect(readScopes(['nonsense', '', 'repository::pull', 'repository:a:fly'])).toEqual([
      { type: 'repository', name: 'a', actions: [] },
    ]);
  });

  it('give what the login has and no more', () => {
    const grants = [{ repositories: ['workbench/*', 'store/web'], actions: ['pull', 'push'] }];
    const asked = readScopes([
      'repository:workbench/x/y:pull,push,delete',
      'repository:store/web:push',
      'repository:store/web2:pull',
      'repository:workbenches:pull',
      'registry:catalog:*',
    ]);
    expect(granted(asked, grants, false)).toEqual([
      { type: 'repository', name: 'workbench/x/y', actions: ['pull', 'push'] },
      { type: 'repository', name: 'store/web', actions: ['push'] },
    ]);
    expect(granted(asked, grants, true).at(-1)).toEqual({
      type: 'registry',
      name: 'catalog',
      actions: ['*'],
    });
  });
});
