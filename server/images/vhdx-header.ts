import { Problem } from '../problem';
import { diskSize, type HeaderFacts, type HeaderReader } from './header-reader';

/** Places and limits of MS-VHDX 2. */
const headerPlaces = [64 * 1024, 128 * 1024];
const regionTable = 192 * 1024;
const mostRegions = 2047;
const mostMetadata = 2047;

const metadataRegion = '8b7ca20647904b9ab8fe575f050f886e';
const fileParameters = 'caa16737fa364d43b3b633f0aa44e76b';
const virtualDiskSize = '2fa54224cd1b4876b2115dbed83bf4b8';
const parentLocator = 'a8d35f2db30b454dabf7d3d84834ab0c';

const hasParentBit = 2;

/**
 * Reads a VHDX header, region table and metadata. Differencing disks are refused, and files with a log to replay: their
 * disk is not whole until the system that wrote them has opened them again.
 *
 * @throws Problem `invalid`
 */
export async function readVhdxHeader(reader: HeaderReader): Promise<HeaderFacts> {
  await refuseOpenLog(reader);
  const metadata = await metadataOffset(reader);
  const items = await metadataItems(reader, metadata);
  if (items.has(parentLocator))
    throw new Problem('invalid', 'images.hostile.parentDisk', { format: 'VHDX', file: '?' });
  const parameters = await reader.read(place(items, fileParameters), 8);
  if (parameters.readUInt32LE(4) & hasParentBit) {
    throw new Problem('invalid', 'images.hostile.parentDisk', { format: 'VHDX', file: '?' });
  }
  const blockSize = parameters.readUInt32LE(0);
  if (blockSize < 2 ** 20 || blockSize > 2 ** 28 || (blockSize & (blockSize - 1)) !== 0) {
    throw new Problem('invalid', 'images.hostile.vhdxBlocks', { size: blockSize });
  }
  const size = await reader.read(place(items, virtualDiskSize), 8);
  return { virtualSize: diskSize(size.readBigUInt64LE(0)), clean: true };
}

async function refuseOpenLog(reader: HeaderReader): Promise<void> {
  let newest: { sequence: bigint; log: Buffer } | undefined;
  for (const offset of headerPlaces) {
    const header = await reader.read(offset, 80);
    if (header.toString('latin1', 0, 4) !== 'head') continue;
    const sequence = header.readBigUInt64LE(8);
    if (!newest || sequence > newest.sequence) newest = { sequence, log: header.subarray(48, 64) };
  }
  if (!newest) throw new Problem('invalid', 'images.hostile.vhdxNoHeader');
  if (!newest.log.equals(Buffer.alloc(16))) throw new Problem('invalid', 'images.hostile.vhdxLog');
}

async function metadataOffset(reader: HeaderReader): Promise<number> {
  const head = await reader.read(regionTable, 16);
  const count = head.readUInt32LE(8);
  if (head.toString('latin1', 0, 4) !== 'regi' || count > mostRegions) {
    throw new Problem('invalid', 'images.hostile.vhdxRegions', { count });
  }
  const entries = await reader.read(regionTable + 16, count * 32);
  for (let at = 0; at < entries.length; at += 32) {
    if (guid(entries, at) === metadataRegion) return Number(entries.readBigUInt64LE(at + 16));
  }
  throw new Problem('invalid', 'images.hostile.vhdxRegions', { count });
}

/** Offsets of the metadata items in the file, by their identifiers. */
async function metadataItems(reader: HeaderReader, offset: number): Promise<Map<string, number>> {
  const head = await reader.read(offset, 32);
  const count = head.readUInt16LE(10);
  if (head.toString('latin1', 0, 8) !== 'metadata' || count > mostMetadata) {
    throw new Problem('invalid', 'images.hostile.vhdxMetadata', { count });
  }
  const entries = await reader.read(offset + 32, count * 32);
  const items = new Map<string, number>();
  for (let at = 0; at < entries.length; at += 32) {
    items.set(guid(entries, at), offset + entries.readUInt32LE(at + 16));
  }
  return items;
}

function place(items: Map<string, number>, id: string): number {
  const offset = items.get(id);
  if (offset === undefined)
    throw new Problem('invalid', 'images.hostile.vhdxMetadata', { count: items.size });
  return offset;
}

/** A GUID as text without dashes: its first three parts are stored with the low byte first. */
function guid(bytes: Buffer, at: number): string {
  const piece = Buffer.from(bytes.subarray(at, at + 16));
  piece.subarray(0, 4).reverse();
  piece.subarray(4, 6).reverse();
  piece.subarray(6, 8).reverse();
  return piece.toString('hex');
}
