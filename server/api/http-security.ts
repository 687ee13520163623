import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { Actor } from '../access/actor';
import type { Config } from '../config';
import { Problem } from '../problem';
import { peerHeader } from './request-headers';
import { tokenBuckets } from './token-bucket';

/** Largest body of a JSON request, in bytes. Uploads stream and have limits of their own. */
const jsonLimit = 1024 * 1024;
const readMethods = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Bodies that routes stream to disk with their own limits. */
const streamedTypes = /^(application\/(offset\+)?octet-stream|multipart\/form-data)\b/i;

const takeOfUser = tokenBuckets(2000, 50);
const takeOfGuest = tokenBuckets(600, 20);

/**
 * Checks what holds for every API request, before any route sees it: rate, host, origin, size of the body.
 *
 * @param headers the request's headers, stamped with the peer's address
 * @param method HTTP method
 * @param path path without the query string
 * @param actor who asks
 * @param config hosts we answer for
 * @throws Problem `too_many`, `forbidden`, `too_large`, `invalid`
 */
export function guardRequest(
  headers: Headers,
  method: string,
  path: string,
  actor: Actor,
  config: Config,
): void {
  checkRate(headers, actor);
  checkHost(headers, config);
  if (readMethods.has(method)) return;
  // A token is sent on purpose; a cookie is sent by the browser whoever made it ask (CSRF).
  if (actor.via !== 'token') checkOrigin(headers, config);
  checkBody(headers, path);
}

function checkRate(headers: Headers, actor: Actor): void {
  // Users are counted by themselves: behind a proxy or a company's router many share one address.
  const wait =
    actor.userId === undefined ? takeOfGuest(headers.get(peerHeader) ?? '') : takeOfUser(actor.userId);
  if (wait > 0) throw new Problem('too_many', 'problems.tooManyRequests', { seconds: Math.ceil(wait) });
}

/**
 * Refuses names that are not ours (DNS rebinding: a stranger's name that points at this machine). An address cannot
 * be rebound, so addresses pass.
 */
function checkHost(headers: Headers, config: Config): void {
  const host = headers.get('host') ?? '';
  const name = hostOf(`http://${host}`)?.hostname.replace(/^\[|\]$/g, '');
  if (name === undefined || !isOurName(name, config))
    throw new Problem('forbidden', 'problems.unknownHost', { host: host.slice(0, 100) });
}

function isOurName(name: string, config: Config): boolean {
  const own = [config.host, hostname(), config.publicUrl && hostOf(config.publicUrl)?.hostname];
  return (
    isIP(name) !== 0 || /^(.+\.)?localhost$/.test(name) || own.some((ours) => ours?.toLowerCase() === name)
  );
}

/**
 * Refuses requests that another site made a browser send: CSRF, and cross-site WebSockets, which no other rule of
 * browsers stops. Requests without a cookie and without Origin come from programs, which carry no borrowed right.
 *
 * @param headers the request's headers
 * @param config its public address counts as ours too
 * @throws Problem `forbidden`
 */
export function checkOrigin(headers: Headers, config: Config): void {
  const origin = headers.get('origin');
  if (origin === null && headers.get('cookie') === null) return;
  const from = origin === null ? undefined : hostOf(origin)?.host;
  const ours = [headers.get('host'), config.publicUrl && hostOf(config.publicUrl)?.host];
  if (from === undefined || !ours.includes(from) || headers.get('sec-fetch-site') === 'cross-site')
    throw new Problem('forbidden', 'problems.foreignOrigin');
}

function checkBody(headers: Headers, path: string): void {
  const onlyJson = path.startsWith('/api/trpc/') || path.startsWith('/api/auth/');
  if (!onlyJson && streamedTypes.test(headers.get('content-type') ?? '')) return;
  if (headers.has('transfer-encoding')) throw new Problem('invalid', 'problems.lengthRequired');
  if (Number(headers.get('content-length') ?? 0) > jsonLimit)
    throw new Problem('too_large', 'problems.bodyTooLarge', { limit: '1 MiB' });
}

function hostOf(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}

/** Addresses that never leave the machine (W3C Secure Contexts, 3.1). */
const ownMachine = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/;

/**
 * The headers of every answer.
 *
 * Scripts run by nonce only: Next's pages hold inline scripts that differ per page, so hashes cannot be listed, and
 * `'self'` would run any file that people upload. Next puts the nonce it finds in the request's own CSP header on its
 * scripts, and `strict-dynamic` lets those load the chunks. Styles may be inline: React and the widgets set style
 * attributes, which nonces do not cover.
 *
 * @param config development needs `eval` for source maps; HTTPS adds HSTS
 * @param nonce random text of this request
 * @param host of this request's `Host`: browsers take an opener policy only from where nobody can have changed it on
 *   its way, and complain about every other
 */
export function securityHeaders(config: Config, nonce: string, host = ''): Record<string, string> {
  const encrypted = config.publicUrl?.startsWith('https:') === true;
  const policy = [
    "default-src 'self'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'${config.development ? " 'unsafe-eval'" : ''}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `connect-src 'self'${config.development ? ' ws: wss:' : ''}`,
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
    ...((encrypted || ownMachine.test(host)) && { 'Cross-Origin-Opener-Policy': 'same-origin' }),
    'Cross-Origin-Resource-Policy': 'same-origin',
    ...(encrypted && { 'Strict-Transport-Security': 'max-age=31536000' }),
  };
}
