import type { PreviousUpload } from 'tus-js-client';
import { expect, it } from 'vitest';
import { unfinishedOf } from './tus-upload';

function upload(minute: number, metadata: Record<string, string>): PreviousUpload {
  return {
    size: 7,
    metadata,
    creationTime: new Date(2026, 0, 1, 0, minute).toString(),
    urlStorageKey: `tus::f::${minute}`,
    uploadUrl: `http://here/${minute}`,
    parallelUploadUrls: null,
  };
}

const mine = { filename: 'disk.qcow2', projectId: 'p1', visibility: 'project', name: 'disk' };

it('goes on with the newest upload of a file', () => {
  const all = [upload(1, mine), upload(3, mine), upload(2, mine)];
  expect(unfinishedOf(all, mine)).toBe(all[1]);
  expect(unfinishedOf([], mine)).toBeUndefined();
});

it.each<Record<string, string>>([
  { projectId: 'p2' },
  { visibility: 'everyone' },
  { name: 'another' },
  { checksum: 'a'.repeat(64) },
  { format: 'raw' },
])('begins anew where it is sent with %j', (change) => {
  expect(unfinishedOf([upload(1, mine)], { ...mine, ...change })).toBeUndefined();
});

it('goes on where only words about it differ', () => {
  expect(unfinishedOf([upload(1, mine)], { ...mine, description: 'new words' })).toBeDefined();
});
