import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { checkLogin } from './check-login';
import { openStackLogin } from './login';

const login = openStackLogin.parse({ authUrl: 'https://x:5000', method: 'password', userName: 'ada' });

describe('a login', () => {
  it('is whole, with certificates that can be read', () => {
    checkLogin(login);
    checkLogin({ ...login, ca: rootCertificates.slice(0, 2).join('\n') });
    checkLogin({ ...login, method: 'applicationCredential', userName: '', credentialId: '1' });
  });

  it.each([
    [{ userName: ' ' }, 'userNameMissing'],
    [{ method: 'applicationCredential' as const }, 'credentialMissing'],
    [{ ca: 'a path' }, 'badCertificate'],
  ])('is refused: %j', (change, rule) => {
    expect(() => checkLogin({ ...login, ...change })).toThrow(`sites.errors.${rule}`);
  });

  it('names the certificate that is broken', () => {
    const broken = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
    expect(() => checkLogin({ ...login, ca: `${rootCertificates[0] ?? ''}\n${broken}` })).toThrow(
      '"number":2',
    );
  });
});
