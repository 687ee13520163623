/** What the guest's cloud-init is given beside the one key pair that nova takes. */
import { createHash } from 'node:crypto';
import type { Seed } from '../site';

/**
 * The user data of a server. Nova hands one key over as key pair; further ones go in a cloud-config of ours, and
 * together with user data of one's own in a multipart of both, as cloud-init's "User data formats" has it.
 *
 * @param seed its first key is not repeated
 * @returns text, not yet in base64; undefined when there is nothing to say
 */
export function userDataOf(seed: Pick<Seed, 'sshKeys' | 'userData'>): string | undefined {
  const further = [...new Set(seed.sshKeys.slice(1).map((key) => key.trim()))].filter(
    (key) => key !== '' && key !== seed.sshKeys[0]?.trim(),
  );
  if (further.length === 0) return seed.userData;
  // JSON is YAML, and its quoting leaves nothing of a key to be read as YAML. Lists are added to, not replaced.
  const keys = `#cloud-config\n${JSON.stringify({ ssh_authorized_keys: further })}\n`;
  if (seed.userData === undefined) return keys;
  const config = `#cloud-config\n${JSON.stringify({
    merge_how: [
      { name: 'list', settings: ['append'] },
      { name: 'dict', settings: ['no_replace', 'recurse_list'] },
    ],
    ssh_authorized_keys: further,
  })}\n`;
  return multipart([seed.userData, config]);
}

function multipart(parts: readonly string[]): string {
  // Of the content, so that it is in none of the parts, and the same for the same seed.
  const boundary = `edgeyard-${createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32)}`;
  const body = parts.map(
    (text) =>
      `--${boundary}\nContent-Type: ${typeOf(text)}; charset="utf-8"\nMIME-Version: 1.0\n` +
      `Content-Transfer-Encoding: base64\n\n${lines(Buffer.from(text).toString('base64'))}\n`,
  );
  return `Content-Type: multipart/mixed; boundary="${boundary}"\nMIME-Version: 1.0\n\n${body.join('')}--${boundary}--\n`;
}

/** cloud-init's types by the first line. */
const types: readonly [string, string][] = [
  ['#!', 'text/x-shellscript'],
  ['#cloud-config', 'text/cloud-config'],
  ['#cloud-boothook', 'text/cloud-boothook'],
  ['#include', 'text/x-include-url'],
  ['#upstart-job', 'text/upstart-job'],
  ['## template: jinja', 'text/jinja2'],
];

function typeOf(text: string): string {
  return types.find(([start]) => text.startsWith(start))?.[1] ?? 'text/plain';
}

function lines(base64: string): string {
  return base64.replace(/.{76}(?=.)/g, '$&\n');
}
