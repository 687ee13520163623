import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { assemble } from './assemble';
import { takeArchive, type BlobSink, type Taken } from './take-archive';
import { readTar } from './tar-reader';
import { packingOf, unpacked } from './unpack';

const sha = (bytes: Buffer | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

interface Entry {
  name: string;
  content?: Buffer | string;
  flag?: string;
  link?: string;
}

function header({ name, flag = '0', link = '' }: Entry, size: number): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write('0000644\0', 100);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write(' '.repeat(8), 148);
  block.write(flag, 156);
  block.write(link, 157);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function tarOf(entries: Entry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = Buffer.from(entry.content ?? '');
    return [header(entry, content.length), content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

async function* inPieces(bytes: Buffer, length = 700): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length)
    yield await Promise.resolve(bytes.subarray(at, at + length));
}

/** A registry that remembers what it was sent. */
function memorySink(): BlobSink & { blobs: Map<string, Buffer> } {
  const blobs = new Map<string, Buffer>();
  return {
    blobs,
    has: (digest) => Promise.resolve(blobs.get(digest)?.length),
    async send(content: Readable) {
      const pieces: Buffer[] = [];
      for await (const piece of content) pieces.push(piece as Buffer);
      const bytes = Buffer.concat(pieces);
      blobs.set(sha(bytes), bytes);
      return { digest: sha(bytes), size: bytes.length };
    },
  };
}

const signal = new AbortController().signal;
const take = (bytes: Buffer, sink: BlobSink = memorySink(), from?: Taken) =>
  takeArchive(inPieces(bytes), sink, { from, taken: () => undefined, signal });
const refusal = (rule: string) => expect.objectContaining({ key: `containers.archive.${rule}` }) as Error;

const layer = Buffer.from('a layer, which is a tar elsewhere');
const layerTwo = Buffer.alloc(5000, 7);
function dockerEntries(layers = [layer, layerTwo]): Entry[] {
  const diffIds = layers.map((each) => sha(each));
  const config = JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { diff_ids: diffIds } });
  const saved = [
    {
      Config: 'config.json',
      RepoTags: ['a/web:1', 'b/web:1'],
      Layers: layers.map((_, i) => `l${i}/layer.tar`),
    },
  ];
  return [
    ...layers.map((content, i) => ({ name: `l${i}/layer.tar`, content })),
    { name: 'config.json', content: config },
    { name: 'manifest.json', content: JSON.stringify(saved) },
  ];
}

function ociEntries(change: { layerBytes?: Buffer; mediaType?: string } = {}): Entry[] {
  const config = JSON.stringify({ architecture: 'arm64', variant: 'v8', os: 'linux' });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: sha(config),
      size: config.length,
    },
    layers: [
      {
        mediaType: change.mediaType ?? 'application/vnd.oci.image.layer.v1.tar+gzip',
        digest: sha(layer),
        size: layer.length,
      },
    ],
  });
  const blob = (content: Buffer | string, digest = sha(content)) => ({
    name: `blobs/sha256/${digest.slice(7)}`,
    content,
  });
  const index = {
    schemaVersion: 2,
    manifests: [
      {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: sha(manifest),
        size: manifest.length,
        annotations: { 'org.opencontainers.image.ref.name': 'quay.io/x/y:2' },
      },
    ],
  };
  return [
    { name: 'blobs/', flag: '5' },
    blob(change.layerBytes ?? layer, sha(layer)),
    blob(config),
    blob(manifest),
    { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
    { name: 'index.json', content: JSON.stringify(index) },
  ];
}

describe('archives of images', () => {
  it('takes docker save: names with their whole path, layers by the digest of their config', async () => {
    const sink = memorySink();
    const [image, ...more] = assemble(await take(tarOf(dockerEntries()), sink));
    expect(more).toEqual([]);
    expect(image).toMatchObject({ names: ['a/web:1', 'b/web:1'], platforms: ['linux/amd64'], layers: 2 });
    expect([...sink.blobs.keys()]).toEqual([sha(layer), sha(layerTwo)]);
  });

  it('takes an OCI archive with the digest it has', async () => {
    const [image] = assemble(await take(tarOf(ociEntries())));
    expect(image).toMatchObject({ names: ['quay.io/x/y:2'], platforms: ['linux/arm64/v8'], layers: 1 });
    expect(image?.digest).toBe(image?.manifests[0] && sha(image.manifests[0].text));
  });

  it('proves layers that came packed by what is inside', async () => {
    const entries = dockerEntries();
    const packed = entries.map((entry) =>
      entry.name === 'l0/layer.tar' ? { ...entry, content: gzipSync(layer) } : entry,
    );
    const [image] = assemble(await take(tarOf(packed)));
    expect(image?.blobs.some(({ digest }) => digest === sha(gzipSync(layer)))).toBe(true);
    const wrong = entries.map((entry) =>
      entry.name === 'l0/layer.tar' ? { ...entry, content: gzipSync('something else') } : entry,
    );
    const taken = await take(tarOf(wrong));
    expect(() => assemble(taken)).toThrow(refusal('wrongDigest'));
  });

  it('goes on where an earlier run ended', async () => {
    const bytes = tarOf(dockerEntries());
    const states: string[] = [];
    const sink = memorySink();
    await takeArchive(inPieces(bytes), sink, {
      taken: (state) => states.push(JSON.stringify(state)),
      signal,
    });
    const first = JSON.parse(states[0] ?? '') as Taken;
    sink.blobs.delete(sha(layerTwo));
    const taken = await take(bytes.subarray(first.offset), sink, first);
    expect(assemble(taken)[0]?.names).toEqual(['a/web:1', 'b/web:1']);
    expect(sink.blobs.has(sha(layerTwo))).toBe(true);
  });

  it('sends no blob that is there', async () => {
    const sink = memorySink();
    sink.blobs.set(sha(layer), layer);
    sink.send = () => Promise.reject(new Error('nothing need be sent'));
    expect(assemble(await take(tarOf(ociEntries()), sink))).toHaveLength(1);
  });

  it('follows links that stay inside', async () => {
    const entries = dockerEntries([layer, layer]).map((entry) =>
      entry.name === 'l1/layer.tar' ? { name: entry.name, flag: '2', link: '../l0/layer.tar' } : entry,
    );
    expect(assemble(await take(tarOf(entries)))[0]?.layers).toBe(1);
  });

  it.each<[string, Entry[]]>([
    ['absolute', [{ name: '/etc/passwd', content: 'x' }]],
    ['parent', [{ name: 'a/../../b', content: 'x' }]],
    ['linkOut', [{ name: 'a', flag: '2', link: '/etc/passwd' }]],
    ['linkOut', [{ name: 'a/b', flag: '2', link: '../../c' }]],
    ['linkOut', [{ name: 'a', flag: '1', link: '../c' }]],
    [
      'twice',
      [
        { name: 'a', content: '{}' },
        { name: './a', content: '{}' },
      ],
    ],
    ['entryType', [{ name: 'a', flag: '3' }]],
    ['wrongDigest', ociEntries({ layerBytes: Buffer.from('another layer, of other content!!') })],
    ['noImage', [{ name: 'a', content: '{}' }]],
    ['mediaType', ociEntries({ mediaType: 'application/x-sh' })],
    ['missing', dockerEntries().slice(1)],
    ['notJson', [{ name: 'manifest.json', content: '{' }]],
    ['badDocument', [{ name: 'manifest.json', content: '{}' }]],
  ])('refuses: %s', async (rule, entries) => {
    const work = async () => assemble(await take(tarOf(entries)));
    await expect(work()).rejects.toThrow(refusal(rule));
  });

  it('refuses what is no tar, and one that ends too early', async () => {
    await expect(take(Buffer.alloc(4096, 'x'))).rejects.toThrow(refusal('notATar'));
    await expect(take(tarOf(dockerEntries()).subarray(0, 1300))).rejects.toThrow(refusal('cutOff'));
  });

  it('reads long names of both writers', async () => {
    const long = `${'d'.repeat(120)}/${'f'.repeat(120)}`;
    const record = ` path=${long}\n`;
    const length = record.length + String(record.length + 3).length;
    const pax: Entry[] = [{ name: 'x', flag: 'x', content: `${length}${record}` }, { name: 'short' }];
    const gnu: Entry[] = [{ name: 'l', flag: 'L', content: `${long}\0` }, { name: 'short' }];
    for (const entries of [pax, gnu]) {
      const names: string[] = [];
      for await (const { name } of readTar(inPieces(tarOf(entries)))) names.push(name);
      expect(names).toEqual([long]);
    }
  });
});

describe('packed archives', () => {
  async function whole(bytes: Buffer): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of unpacked(inPieces(bytes), packingOf(bytes), signal)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  it('tells by the first bytes', async () => {
    expect((await whole(gzipSync(layer))).equals(layer)).toBe(true);
    expect((await whole(layer)).equals(layer)).toBe(true);
  });

  it('refuses damaged content', async () => {
    const bytes = gzipSync(layerTwo);
    await expect(whole(bytes.subarray(0, bytes.length - 10))).rejects.toThrow(refusal('damaged'));
  });
});
