/** What a guest's cloud-init is given beside its metadata: user data, further keys, files. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Problem } from '../problem';
import type { SeedFile } from './seed';

/** What is told the guest in one text. */
export interface UserDataParts {
  /** The person's own, as it was written. */
  userData: string | undefined;
  /** Keys that the metadata does not carry. */
  sshKeys?: readonly string[];
  files?: readonly SeedFile[] | undefined;
}

/**
 * The user data of a guest: the person's own alone as it is, keys and files in a cloud-config of ours, or both in a
 * multipart, as cloud-init's "User data formats" has it.
 *
 * @returns undefined when there is nothing to say
 */
export function userDataOf({ userData, sshKeys = [], files = [] }: UserDataParts): string | undefined {
  const keys = [...new Set(sshKeys.map((key) => key.trim()))].filter((key) => key !== '');
  if (keys.length === 0 && files.length === 0) return userData;
  const config = cloudConfig(keys, files);
  return userData === undefined ? config : multipart(userData, config);
}

/** JSON is YAML, and its quoting leaves nothing to be read as YAML. Lists are added to, not replaced. */
const mergeHow = JSON.stringify([
  { name: 'list', settings: ['append'] },
  { name: 'dict', settings: ['no_replace', 'recurse_list'] },
]);

function cloudConfig(keys: readonly string[], files: readonly SeedFile[]): string {
  const lines = ['#cloud-config', `merge_how: ${mergeHow}`];
  if (keys.length > 0) lines.push(`ssh_authorized_keys: ${JSON.stringify(keys)}`);
  if (files.length > 0) {
    lines.push('write_files:');
    // A file in a line, its fields in this order: the tiny guest, which has no YAML, finds them by that.
    for (const { path, mode, contentBase64: content } of files)
      lines.push(`- ${JSON.stringify({ path, permissions: mode, encoding: 'b64', content })}`);
  }
  return `${lines.join('\n')}\n`;
}

function multipart(userData: string, config: string): string {
  // Of the content, so that it is in none of the parts, and the same for the same seed.
  const hash = createHash('sha256').update(`${userData}\0${config}`).digest('hex');
  const boundary = `edgeyard-${hash.slice(0, 32)}`;
  const head = (type: string, encoding: string) =>
    `--${boundary}\nContent-Type: ${type}; charset="utf-8"\nMIME-Version: 1.0\n` +
    `Content-Transfer-Encoding: ${encoding}\n\n`;
  return (
    `Content-Type: multipart/mixed; boundary="${boundary}"\nMIME-Version: 1.0\n\n` +
    `${head(typeOf(userData), 'base64')}${wrapped(Buffer.from(userData).toString('base64'))}\n` +
    // Not once more in base64, which would cost a third of what nova takes; 8bit leaves remarks of keys as they are.
    `${head('text/cloud-config', '8bit')}${config}\n--${boundary}--\n`
  );
}

/** cloud-init's types by the first line; of two that match the longer one. */
const types: readonly [string, string][] = [
  ['#!', 'text/x-shellscript'],
  ['#cloud-config-archive', 'text/cloud-config-archive'],
  ['#cloud-config', 'text/cloud-config'],
  ['#cloud-boothook', 'text/cloud-boothook'],
  ['#include', 'text/x-include-url'],
  ['#upstart-job', 'text/upstart-job'],
  ['## template: jinja', 'text/jinja2'],
];

function typeOf(text: string): string {
  return types.find(([start]) => text.startsWith(start))?.[1] ?? 'text/plain';
}

function wrapped(base64: string): string {
  return base64.replace(/.{76}(?=.)/g, '$&\n');
}

/** Characters of base64 that nova takes (nova/api/openstack/compute/schemas/servers.py, MAX_USERDATA_SIZE). */
const maxEncoded = 65_535;

/**
 * User data in base64, packed with gzip where it is too long otherwise; cloud-init unpacks it by itself.
 *
 * @throws Problem `invalid` for more than fits even so
 */
export function encodeUserData(text: string): string {
  const plain = Buffer.from(text).toString('base64');
  if (plain.length <= maxEncoded) return plain;
  const packed = gzipSync(text, { level: 9 }).toString('base64');
  if (packed.length <= maxEncoded) return packed;
  throw new Problem('invalid', 'sites.errors.userDataTooLarge', {
    kib: Math.floor((maxEncoded * 3) / 4 / 1024),
  });
}
