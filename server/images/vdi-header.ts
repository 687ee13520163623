import { Problem } from '../problem';
import { diskSize, type HeaderFacts, type HeaderReader } from './header-reader';

const version11 = 0x00010001;
const kinds = new Map([
  [1, 'dynamic'],
  [2, 'fixed'],
]);
/** Blocks are 1 MiB in every file VirtualBox and QEMU write. */
const blockSize = 2 ** 20;
/** QEMU's own limit: 0x1fffffff blocks. */
const mostBlocks = 0x1fffffff;

/**
 * Reads the header of a VirtualBox disk (VDI 1.1). Differencing disks, which need a parent file, are refused.
 *
 * @throws Problem `invalid`
 */
export async function readVdiHeader(reader: HeaderReader): Promise<HeaderFacts> {
  const header = await reader.read(0, 512);
  const version = header.readUInt32LE(68);
  if (version !== version11) {
    throw new Problem('invalid', 'images.hostile.vdiVersion', { version: `0x${version.toString(16)}` });
  }
  const type = header.readUInt32LE(76);
  const nil = Buffer.alloc(16);
  const hasParent = !header.subarray(424, 440).equals(nil) || !header.subarray(440, 456).equals(nil);
  if (!kinds.has(type) || hasParent) {
    throw new Problem('invalid', 'images.hostile.parentDisk', { format: 'VDI', file: '?' });
  }
  if (header.readUInt32LE(376) !== blockSize) {
    throw new Problem('invalid', 'images.hostile.vdiBlocks', { size: header.readUInt32LE(376) });
  }
  const virtualSize = diskSize(header.readBigUInt64LE(368));
  const blocks = header.readUInt32LE(384);
  if (blocks > mostBlocks || blocks < Math.ceil(virtualSize / blockSize)) {
    throw new Problem('invalid', 'images.hostile.vdiTable', { blocks });
  }
  const mapEnd = header.readUInt32LE(340) + blocks * 4;
  if (mapEnd > reader.size) {
    throw new Problem('invalid', 'images.hostile.tableOutside', { table: 'VDI', size: reader.size });
  }
  // Blocks lie one after the other. Readers take what is missing of a cut file for zeros, and say nothing.
  const needed = header.readUInt32LE(344) + header.readUInt32LE(388) * blockSize;
  if (needed > reader.size) {
    throw new Problem('invalid', 'images.hostile.truncated', { needed, size: reader.size });
  }
  return { virtualSize, clean: true };
}
