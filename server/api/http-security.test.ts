import { describe, expect, it } from 'vitest';
import { guest, type Actor } from '../access/actor';
import { readConfig } from '../config';
import { checkOrigin, guardRequest, securityHeaders } from './http-security';
import { tokenBuckets } from './token-bucket';

const config = { ...readConfig({ EDGEYARD_DATA: '/nonexistent' }), publicUrl: 'https://yard.example.org' };
const token: Actor = { userId: 'user_1', name: 'Bo', role: 'developer', scopes: ['write'], via: 'token' };
const session: Actor = { ...token, via: 'session' };

let peers = 0;
function guard(given: Record<string, string>, method = 'POST', path = '/api/v1/x', actor = session): string {
  peers += 1;
  const headers = new Headers({ host: 'localhost:3000', 'x-edgeyard-peer': `192.0.2.${peers}`, ...given });
  try {
    guardRequest(headers, method, path, actor, config);
    return 'passes';
  } catch (error) {
    return (error as { key: string }).key;
  }
}

describe('guardRequest', () => {
  it('lets a session write only from this site', () => {
    const cookie = 'edgeyard.session_token=x';
    expect(guard({ cookie, origin: 'http://localhost:3000' })).toBe('passes');
    expect(guard({ cookie, origin: 'https://yard.example.org' })).toBe('passes');
    for (const origin of ['https://evil.example', 'http://localhost:3001', 'null', 'rubbish'])
      expect(guard({ cookie, origin }), origin).toBe('problems.foreignOrigin');
    expect(guard({ cookie })).toBe('problems.foreignOrigin');
    expect(guard({ cookie, origin: 'http://localhost:3000', 'sec-fetch-site': 'cross-site' })).toBe(
      'problems.foreignOrigin',
    );
  });

  it('covers signing in as well, where there is no session yet', () => {
    const headers = { origin: 'https://evil.example' };
    expect(guard(headers, 'POST', '/api/auth/sign-in/email', guest)).toBe('problems.foreignOrigin');
  });

  it('asks no origin of reading and of tokens', () => {
    expect(guard({ cookie: 'a=b' }, 'GET')).toBe('passes');
    expect(guard({ origin: 'https://elsewhere.example' }, 'POST', '/api/v1/x', token)).toBe('passes');
  });

  it('answers for its own names and for addresses only', () => {
    for (const host of ['localhost', '127.0.0.1:3000', '[::1]:3000', '10.1.2.3', 'yard.example.org'])
      expect(guard({ host }, 'GET'), host).toBe('passes');
    for (const host of ['evil.example:3000', '', 'a b', 'localhost.evil.example'])
      expect(guard({ host }, 'GET'), host).toBe('problems.unknownHost');
  });

  it('limits what is not streamed to 1 MiB', () => {
    const json = { 'content-type': 'application/json', 'content-length': '1048577' };
    expect(guard(json)).toBe('problems.bodyTooLarge');
    expect(guard({ ...json, 'content-length': '1048576' })).toBe('passes');
    expect(guard({ 'content-type': 'application/json', 'transfer-encoding': 'chunked' })).toBe(
      'problems.lengthRequired',
    );
    const upload = { 'content-type': 'application/offset+octet-stream', 'content-length': '3000000000' };
    expect(guard(upload, 'PATCH', '/api/v1/vms/vm_1/files/x')).toBe('passes');
    expect(guard(upload, 'POST', '/api/trpc/x')).toBe('problems.bodyTooLarge');
  });

  it('slows a guest that asks too often, by its address', () => {
    const ask = () => guard({ 'x-edgeyard-peer': '198.51.100.7' }, 'GET', '/api/v1/x', guest);
    const answers = Array.from({ length: 700 }, ask);
    expect(answers[0]).toBe('passes');
    expect(answers.at(-1)).toBe('problems.tooManyRequests');
    expect(guard({ 'x-edgeyard-peer': '198.51.100.8' }, 'GET', '/api/v1/x', guest)).toBe('passes');
  });
});

describe('checkOrigin', () => {
  it('lets a program open a console without a cookie, and no page of another site', () => {
    expect(() => {
      checkOrigin(new Headers({ host: 'localhost' }), config);
    }).not.toThrow();
    expect(() => {
      checkOrigin(new Headers({ host: 'localhost', origin: 'http://evil.example' }), config);
    }).toThrow('problems.foreignOrigin');
  });
});

describe('securityHeaders', () => {
  it('parts windows where browsers honour that: over TLS, and on the machine itself', () => {
    const opener = 'Cross-Origin-Opener-Policy';
    const plain = { ...config, publicUrl: undefined };
    expect(securityHeaders({ ...config, publicUrl: 'https://yard.example.org' }, 'a')).toHaveProperty(opener);
    expect(securityHeaders(plain, 'a', 'localhost:3000')).toHaveProperty(opener);
    expect(securityHeaders(plain, 'a', '127.0.0.1:3000')).toHaveProperty(opener);
    expect(securityHeaders(plain, 'a', '10.0.0.7:3000')).not.toHaveProperty(opener);
    expect(securityHeaders(plain, 'a', '127.0.0.1.example.org')).not.toHaveProperty(opener);
  });

  it('runs scripts by nonce only and never in a frame', () => {
    const policy = securityHeaders(config, 'abc')['Content-Security-Policy'] ?? '';
    expect(policy).toContain("script-src 'nonce-abc' 'strict-dynamic';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe-eval');
  });

  it('asks for HTTPS only where the public address has it', () => {
    expect(securityHeaders(config, 'a')).toHaveProperty('Strict-Transport-Security');
    expect(securityHeaders({ ...config, publicUrl: undefined }, 'a')).not.toHaveProperty(
      'Strict-Transport-Security',
    );
  });
});

describe('tokenBuckets', () => {
  it('gives a burst, then at a steady rate, each key for itself', () => {
    const take = tokenBuckets(2, 1);
    expect([take('a', 0), take('a', 0), take('a', 0)]).toEqual([0, 0, 1]);
    expect(take('b', 0)).toBe(0);
    expect(take('a', 1000)).toBe(0);
    expect(take('a', 1000)).toBe(1);
  });
});
