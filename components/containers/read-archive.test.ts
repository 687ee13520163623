import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { readArchive } from './read-archive';

const signal = new AbortController().signal;
const sha = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

function entry(name: string, content: string | Buffer, flag = '0'): Buffer {
  const bytes = Buffer.from(content);
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
  block.write(' '.repeat(8), 148);
  block.write(flag, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

const blobOf = (...entries: Buffer[]) =>
  new Blob([new Uint8Array(Buffer.concat([...entries, Buffer.alloc(1024)]))]);
const config = JSON.stringify({ architecture: 'amd64' });
const layer = entry('l/layer.tar', Buffer.alloc(6 * 2 ** 20, 1));
const saved = JSON.stringify([{ Config: 'c.json', RepoTags: ['a/web:1'], Layers: ['l/layer.tar'] }]);

describe('looking into an archive', () => {
  it('reads docker save by the digest of its config, and no layer', async () => {
    const blob = blobOf(layer, entry('c.json', config), entry('manifest.json', saved));
    const slice = vi.spyOn(blob, 'slice');
    const expected = { kind: 'read', images: [{ names: ['a/web:1'], digests: [sha(config)] }] };
    expect(await readArchive(blob, signal)).toEqual(expected);
    const read = slice.mock.calls.reduce((sum, [from = 0, to = 0]) => sum + to - from, 0);
    expect(read).toBeLessThan(10_000);
  });

  it('reads it packed with gzip, and behind long names', async () => {
    const tar = blobOf(
      layer,
      entry('x', 'c.json\0', 'L'),
      entry('short', config),
      entry('manifest.json', saved),
    );
    const packed = new Blob([new Uint8Array(gzipSync(Buffer.from(await tar.arrayBuffer())))]);
    expect(await readArchive(packed, signal)).toMatchObject({
      kind: 'read',
      images: [{ digests: [sha(config)] }],
    });
  });

  it('reads an OCI archive by the digest of its manifest', async () => {
    const digest = sha('manifest');
    const annotations = { 'org.opencontainers.image.ref.name': 'quay.io/a/b:2' };
    const index = JSON.stringify({ manifests: [{ digest, annotations }] });
    const blob = blobOf(entry('oci-layout', '{}'), entry('index.json', index));
    expect(await readArchive(blob, signal)).toEqual({
      kind: 'read',
      images: [{ names: ['quay.io/a/b:2'], digests: [digest] }],
    });
  });

  it('says what it cannot read', async () => {
    const zstd = new Blob([new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0, 0])]);
    expect((await readArchive(zstd, signal)).kind).toBe('packed');
    expect((await readArchive(new Blob(['x'.repeat(2000)]), signal)).kind).toBe('unreadable');
    expect((await readArchive(blobOf(entry('a', 'b')), signal)).kind).toBe('unreadable');
  });
});
