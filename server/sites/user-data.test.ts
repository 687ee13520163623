import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { maxFileBytes } from './seed';
import { encodeUserData, userDataOf } from './user-data';

const [one, other] = ['ssh-ed25519 AAAA müller', 'ssh-ed25519 BBBB "own": #x'];
const cloudConfig = '#cloud-config\nssh_authorized_keys: [ssh-rsa CCCC]\n';
const file = { path: '/etc/my app.conf', contentBase64: 'aMOp', mode: '0600' };

/** Splits a multipart as a mail reader does (RFC 2046, 5.1). */
function partsOf(mime: string): { type: string; text: string }[] {
  const boundary = /boundary="([^"]+)"/.exec(mime)?.[1] ?? '';
  const parts = mime.split(`--${boundary}`).slice(1, -1);
  return parts.map((part) => {
    const at = part.indexOf('\n\n');
    const [head, body] = [part.slice(0, at), part.slice(at + 2)];
    const encoded = /Transfer-Encoding: base64/.test(head);
    if (encoded) expect(body.split('\n').every((line) => line.length <= 76)).toBe(true);
    return {
      type: /Content-Type: ([^;]+)/.exec(head)?.[1] ?? '',
      text: encoded ? Buffer.from(body, 'base64').toString() : body,
    };
  });
}

describe('user data', () => {
  it('is nothing for nothing, and one’s own alone as it was written', () => {
    expect(userDataOf({ userData: undefined })).toBeUndefined();
    expect(userDataOf({ sshKeys: [' '], files: [], userData: cloudConfig })).toBe(cloudConfig);
  });

  it('hands keys and files over in a cloud-config', () => {
    const text = userDataOf({ sshKeys: [one, other, one], files: [file], userData: undefined }) ?? '';
    expect(text.split('\n')[0]).toBe('#cloud-config');
    expect(parse(text)).toMatchObject({
      ssh_authorized_keys: [one, other],
      write_files: [{ path: file.path, permissions: '0600', encoding: 'b64', content: 'aMOp' }],
    });
  });

  it.each([
    ['#cloud-config\nruncmd: [true]\n', 'text/cloud-config'],
    ['#cloud-config-archive\n- {}\n', 'text/cloud-config-archive'],
    [`#!/bin/sh\n${'echo a long line of a script\n'.repeat(20)}`, 'text/x-shellscript'],
  ])('puts one’s own and ours into one multipart', (userData, type) => {
    const text = userDataOf({ sshKeys: [one, other], files: [file], userData }) ?? '';
    expect(text.startsWith('Content-Type: multipart/mixed; boundary="')).toBe(true);
    const [theirs, ours] = partsOf(text);
    expect(theirs).toEqual({ type, text: userData });
    expect(ours?.type).toBe('text/cloud-config');
    expect(parse(ours?.text ?? '')).toMatchObject({ ssh_authorized_keys: [one, other], write_files: [{}] });
    expect(userDataOf({ sshKeys: [one, other], files: [file], userData })).toBe(text);
  });
});

describe('user data for nova', () => {
  const files = (bytes: number) => [{ ...file, contentBase64: randomBytes(bytes).toString('base64') }];

  it('goes as it is while it fits', () => {
    expect(Buffer.from(encodeUserData(cloudConfig), 'base64').toString()).toBe(cloudConfig);
  });

  it('fits with all that one may ask for, although none of it can be packed', () => {
    const userData = `#!/bin/sh\n#${randomBytes(12_000).toString('base64')}`;
    const text = userDataOf({ userData, sshKeys: [one, other], files: files(maxFileBytes) }) ?? '';
    const encoded = encodeUserData(text);
    expect(encoded.length).toBeLessThanOrEqual(65_535);
    expect(gunzipSync(Buffer.from(encoded, 'base64')).toString()).toBe(text);
  });

  it('is refused with the limit beyond that', () => {
    const text = userDataOf({ userData: undefined, files: files(60_000) }) ?? '';
    expect(() => encodeUserData(text)).toThrow(
      expect.objectContaining({ key: 'sites.errors.userDataTooLarge', params: { kib: 47 } }),
    );
  });
});
