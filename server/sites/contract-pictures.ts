import { inflateSync } from 'node:zlib';

/** A decoded picture: bytes of its pixels, row after row. */
export interface Picture {
  width: number;
  height: number;
  bytes: Buffer;
}

/**
 * Decodes a PNG of 8 bits a channel without interlacing, as QEMU and we write them (W3C PNG, 9.2).
 *
 * @throws Error for anything else
 */
export function decodePng(png: Buffer): Picture {
  if (png.toString('latin1', 1, 4) !== 'PNG') throw new Error('no PNG');
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    chunks.push({
      type: png.toString('latin1', at + 4, at + 8),
      data: png.subarray(at + 8, at + 8 + length),
    });
    at += length + 12;
  }
  const header = chunks.find((each) => each.type === 'IHDR')?.data;
  if (!header || header[8] !== 8 || header[12] !== 0) throw new Error('PNG of another kind');
  const channels = { 0: 1, 2: 3, 4: 2, 6: 4 }[header.readUInt8(9)] ?? 1;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const raw = inflateSync(
    Buffer.concat(chunks.filter((each) => each.type === 'IDAT').map((each) => each.data)),
  );
  return { width, height, bytes: unfiltered(raw, width * channels, height, channels) };
}

function unfiltered(raw: Buffer, stride: number, height: number, channels: number): Buffer {
  const out = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw.readUInt8(y * (stride + 1));
    for (let x = 0; x < stride; x++) {
      const left = x >= channels ? (out[y * stride + x - channels] ?? 0) : 0;
      const up = y > 0 ? (out[(y - 1) * stride + x] ?? 0) : 0;
      const corner = x >= channels && y > 0 ? (out[(y - 1) * stride + x - channels] ?? 0) : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0;
      out[y * stride + x] = ((raw[y * (stride + 1) + 1 + x] ?? 0) + guess) & 0xff;
    }
  }
  return out;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [byLeft, byUp, byCorner] = [left, up, corner].map((each) => Math.abs(guess - each)) as [
    number,
    number,
    number,
  ];
  if (byLeft <= byUp && byLeft <= byCorner) return left;
  return byUp <= byCorner ? up : corner;
}
