import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { isoImage, seedFiles } from './seed-iso';

/** Reads the files of the Joliet tree back, by the standard and not by our layout. */
function readJoliet(image: Buffer): { label: string; files: Record<string, string> } {
  let at = 16;
  while (image[at * 2048] !== 2) {
    if (image[at * 2048] === 255) throw new Error('no Joliet descriptor');
    at++;
  }
  const descriptor = image.subarray(at * 2048, at * 2048 + 2048);
  const wide = (bytes: Buffer) => Buffer.from(bytes).swap16().toString('utf16le').trim();
  const root = descriptor.subarray(156);
  const start = root.readUInt32LE(2) * 2048;
  const end = start + root.readUInt32LE(10);
  const files: Record<string, string> = {};
  for (let here = start; here < end && image[here] !== 0; here += image.readUInt8(here)) {
    const length = image.readUInt8(here + 32);
    if (((image[here + 25] ?? 0) & 2) !== 0) continue;
    const from = image.readUInt32LE(here + 2) * 2048;
    const size = image.readUInt32BE(here + 14);
    files[wide(image.subarray(here + 33, here + 33 + length))] = image
      .subarray(from, from + size)
      .toString('utf8');
  }
  return { label: wide(descriptor.subarray(40, 72)), files };
}

describe('ISO image', () => {
  it('reads back with long names, empty files and more than one sector', () => {
    const files = {
      'meta-data': 'a: 1\n',
      'user-data': 'x'.repeat(5000),
      'network-config': '',
      'ü.txt': 'é',
    };
    const image = isoImage(files, 'cidata');
    expect(readJoliet(image)).toEqual({ label: 'cidata', files });
    expect(image.length % 2048).toBe(0);
    expect(image.length).toBeGreaterThan(300_000);
  });

  it('has its label where blkid looks, and the size it says', () => {
    const image = isoImage({ 'meta-data': '' }, 'cidata');
    const primary = image.subarray(16 * 2048);
    expect(primary.subarray(1, 6).toString('latin1')).toBe('CD001');
    expect(primary.subarray(40, 72).toString('latin1').trimEnd()).toBe('cidata');
    expect(primary.readUInt32LE(80) * 2048).toBe(image.length);
    expect(primary.readUInt32BE(84) * 2048).toBe(image.length);
  });

  it('is the same for the same files', () => {
    expect(isoImage({ a: 'b' }, 'x').equals(isoImage({ a: 'b' }, 'x'))).toBe(true);
  });

  it('refuses what one folder cannot hold', () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`file-number-${i}`, '']));
    expect(() => isoImage(many, 'x')).toThrow('too many files');
  });
});

describe('seed', () => {
  const seed = { hostname: 'web-1', sshKeys: ['ssh-ed25519 AAAA a@b'], userData: undefined };

  it('carries host name and keys', () => {
    const files = seedFiles(seed, 'vm-1');
    expect(parse(files['meta-data'] ?? '')).toEqual({
      'instance-id': 'vm-1',
      'local-hostname': 'web-1',
      'public-keys': seed.sshKeys,
    });
    expect(files['user-data']).toMatch(/^#cloud-config\n/);
    expect(parse(files['user-data'] ?? '')).toMatchObject({ ssh_authorized_keys: seed.sshKeys });
  });

  it('keeps a long key on its line, where simple guests look for it', () => {
    const key = `ssh-rsa ${'A'.repeat(700)} somebody@somewhere`;
    const files = seedFiles({ ...seed, sshKeys: [key] }, 'vm-1');
    expect(files['meta-data']?.split('\n')).toContainEqual(expect.stringContaining(key));
  });

  it('passes user data on unchanged, also with YAML that would need quoting elsewhere', () => {
    const userData = '#!/bin/sh\necho ": \'"\n';
    expect(seedFiles({ ...seed, userData }, 'vm-1')['user-data']).toBe(userData);
    const quoted = parse(seedFiles({ ...seed, hostname: 'no' }, 'vm-1')['meta-data'] ?? '') as object;
    expect(quoted).toHaveProperty('local-hostname', 'no');
  });
});
