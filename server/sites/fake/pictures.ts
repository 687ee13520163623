import { deflateSync } from 'node:zlib';
import { pngChunk } from '../png';

/**
 * A small PNG with a shade per pixel, so that a test sees a picture and not a blank.
 *
 * @param shade moves the shades, so that two pictures differ
 */
export function fakePng(shade: number): Buffer {
  const side = 8;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 0, 0, 0, 0], 8); // 8 bits, grey
  const rows = Array.from({ length: side }, (_, y) =>
    Buffer.from([0, ...Array.from({ length: side }, (__, x) => (x * 16 + y * 8 + shade) % 256)]),
  );
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.concat(rows))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/**
 * A valid, empty qcow2 image (version 2, clusters of 64 KiB), as `qemu-img` accepts it.
 *
 * @param virtualSize bytes of disk it pretends to hold, at most 512 GiB
 */
export function emptyQcow2(virtualSize: number): Buffer {
  const cluster = 65536;
  const image = Buffer.alloc(4 * cluster);
  const l1Size = Math.max(1, Math.ceil(virtualSize / (cluster * (cluster / 8))));
  image.write('QFI\u00fb', 0, 'latin1');
  image.writeUInt32BE(2, 4);
  image.writeUInt32BE(16, 20); // cluster bits
  image.writeBigUInt64BE(BigInt(virtualSize), 24);
  image.writeUInt32BE(l1Size, 36);
  image.writeBigUInt64BE(BigInt(3 * cluster), 40); // L1 table
  image.writeBigUInt64BE(BigInt(cluster), 48); // refcount table
  image.writeUInt32BE(1, 56);
  image.writeBigUInt64BE(BigInt(2 * cluster), cluster); // first refcount block
  for (let index = 0; index < 4; index++) image.writeUInt16BE(1, 2 * cluster + 2 * index);
  return image;
}
