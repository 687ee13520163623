import { inflateSync } from 'node:zlib';

/**
 * Whether a PNG shows anything: some pixel is not black. Reads the chunks of PNG (ISO/IEC 15948, section 5.3) without
 * a picture library; QEMU writes neither palettes nor interlaced images.
 *
 * @param png the file's bytes
 */
export function showsSomething(png: Buffer): boolean {
  const data: Buffer[] = [];
  for (let at = 8; at + 8 <= png.length;) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const width = png.readUInt32BE(16);
  const bytesPerPixel = png[25] === 6 ? 4 : 3;
  const row = width * bytesPerPixel + 1;
  const pixels = inflateSync(Buffer.concat(data));
  // The first byte of each row is its filter; a black row has zeroes whatever the filter, save for an alpha channel.
  return bytesPerPixel === 3 && pixels.some((value, index) => index % row !== 0 && value !== 0);
}
