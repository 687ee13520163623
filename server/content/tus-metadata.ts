import type { IncomingMessage } from 'node:http';

/**
 * What the header `Upload-Metadata` of a tus creation says: pairs of a key and a base64 value, separated by commas.
 * Pairs without a value are left out.
 */
export function tusMetadata(request: Pick<IncomingMessage, 'headers'>): Record<string, string> {
  const pairs = String(request.headers['upload-metadata'] ?? '')
    .split(',')
    .map((pair) => pair.trim().split(' '))
    .map(([key = '', value = '']) => [key, Buffer.from(value, 'base64').toString('utf8')] as const)
    .filter(([key, value]) => key !== '' && value !== '');
  return Object.fromEntries(pairs);
}
