import { Problem } from '../problem';
import type { HeaderFacts, HeaderReader } from './header-reader';

const sector = 2048;

/**
 * Reads the volume descriptors of an ISO 9660 image (ECMA-119): an installation medium, kept as it is.
 *
 * @throws Problem `invalid` when it is none, or was cut
 */
export async function readIsoHeader(reader: HeaderReader): Promise<HeaderFacts> {
  if (reader.size < 17 * sector) throw new Problem('invalid', 'images.hostile.notIso');
  const descriptor = await reader.read(16 * sector, sector);
  if (descriptor.toString('latin1', 1, 6) !== 'CD001' || descriptor[0] !== 1) {
    throw new Problem('invalid', 'images.hostile.notIso');
  }
  const blocks = descriptor.readUInt32LE(80);
  const blockSize = descriptor.readUInt16LE(128);
  if (blockSize !== sector) throw new Problem('invalid', 'images.hostile.isoBlocks', { size: blockSize });
  if (blocks * sector > reader.size) {
    throw new Problem('invalid', 'images.hostile.truncated', { needed: blocks * sector, size: reader.size });
  }
  return { virtualSize: reader.size, clean: true };
}
