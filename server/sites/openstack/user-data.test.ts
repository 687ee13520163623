import { expect, it } from 'vitest';
import { userDataOf } from './user-data';

const [project, own] = ['ssh-ed25519 AAAA project', 'ssh-ed25519 BBBB "own": #x'];
const cloudConfig = '#cloud-config\nssh_authorized_keys: [ssh-rsa CCCC]\n';

/** Splits a multipart as a mail reader does (RFC 2046, 5.1). */
function partsOf(mime: string): { type: string; text: string }[] {
  const boundary = /boundary="([^"]+)"/.exec(mime)?.[1] ?? '';
  const parts = mime.split(`--${boundary}`).slice(1, -1);
  return parts.map((part) => {
    const [head = '', body = ''] = part.split('\n\n');
    expect(body.split('\n').every((line) => line.length <= 76)).toBe(true);
    return {
      type: /Content-Type: ([^;]+)/.exec(head)?.[1] ?? '',
      text: Buffer.from(body, 'base64').toString(),
    };
  });
}

it('is nothing for one key, and one’s own alone as it was written', () => {
  expect(userDataOf({ sshKeys: [project], userData: undefined })).toBeUndefined();
  expect(userDataOf({ sshKeys: [project], userData: cloudConfig })).toBe(cloudConfig);
  expect(userDataOf({ sshKeys: [project, project, ' '], userData: undefined })).toBeUndefined();
});

it('hands further keys over in a cloud-config', () => {
  const text = userDataOf({ sshKeys: [project, own], userData: undefined }) ?? '';
  const [first, rest = ''] = text.split('\n');
  expect(first).toBe('#cloud-config');
  expect(JSON.parse(rest)).toEqual({ ssh_authorized_keys: [own] });
});

it.each([
  ['#cloud-config\nruncmd: [true]\n', 'text/cloud-config'],
  [`#!/bin/sh\n${'echo a long line of a script\n'.repeat(20)}`, 'text/x-shellscript'],
])('puts one’s own and the keys into one multipart', (userData, type) => {
  const text = userDataOf({ sshKeys: [project, own], userData }) ?? '';
  expect(text.startsWith('Content-Type: multipart/mixed; boundary="')).toBe(true);
  const [theirs, ours] = partsOf(text);
  expect(theirs).toEqual({ type, text: userData });
  expect(ours?.type).toBe('text/cloud-config');
  expect(ours?.text).toContain(JSON.stringify(own));
  expect(userDataOf({ sshKeys: [project, own], userData })).toBe(text);
});
