import { Problem } from '../problem';
import { diskSize, shownText, type HeaderFacts, type HeaderReader } from './header-reader';

/** Bits of `incompatible_features` (QEMU docs/interop/qcow2.txt). */
const dirty = 1n;
const corrupt = 2n;
const externalData = 4n;
const compressionType = 8n;
const extendedL2 = 16n;
const known = dirty | corrupt | externalData | compressionType | extendedL2;

/** An L1 table holds 8 bytes per L2 table; QEMU itself refuses more than 32 MiB. */
const largestL1Bytes = 32 * 2 ** 20;
const largestRefcountTableBytes = 8 * 2 ** 20;
const mostSnapshots = 65_536;

const extensionDataFile = 0x44415441;
const extensionEncryption = 0x0537be77;
const extensionBitmaps = 0x23852875;

/**
 * Reads a qcow2 header (versions 2 and 3) and refuses what would make a reader open another file, or take memory out of
 * proportion.
 *
 * @throws Problem `invalid` that names what was found
 */
export async function readQcow2Header(reader: HeaderReader): Promise<HeaderFacts> {
  const base = await reader.read(0, 72);
  const version = base.readUInt32BE(4);
  if (version !== 2 && version !== 3)
    throw new Problem('invalid', 'images.hostile.qcow2Version', { version });
  const clusterBits = base.readUInt32BE(20);
  if (clusterBits < 9 || clusterBits > 21) {
    throw new Problem('invalid', 'images.hostile.qcow2Clusters', { bits: clusterBits });
  }
  await refuseBackingFile(reader, base);
  if (base.readUInt32BE(32) !== 0)
    throw new Problem('invalid', 'images.hostile.encrypted', { format: 'qcow2' });
  const clusterSize = 2 ** clusterBits;
  const virtualSize = diskSize(base.readBigUInt64BE(24));
  const v3 = version === 3 ? await readVersion3(reader) : undefined;
  checkTables(reader, base, { clusterSize, virtualSize, extendedL2: v3?.extendedL2 ?? false });
  const snapshots = base.readUInt32BE(60);
  if (snapshots > mostSnapshots) {
    throw new Problem('invalid', 'images.hostile.qcow2Snapshots', { count: snapshots, limit: mostSnapshots });
  }
  const extensions = await readExtensions(reader, v3?.headerLength ?? 72, clusterSize);
  return { virtualSize, clean: snapshots === 0 && !(v3?.needsRewrite ?? false) && !extensions.bitmaps };
}

async function refuseBackingFile(reader: HeaderReader, base: Buffer): Promise<void> {
  const offset = Number(base.readBigUInt64BE(8));
  const length = base.readUInt32BE(16);
  if (offset === 0 && length === 0) return;
  const wanted = Math.min(length, 1023);
  const inside = Number.isSafeInteger(offset) && offset + wanted <= reader.size;
  const file = inside && wanted > 0 ? shownText(await reader.read(offset, wanted)) : '?';
  throw new Problem('invalid', 'images.hostile.backingFile', { format: 'qcow2', file });
}

async function readVersion3(
  reader: HeaderReader,
): Promise<{ headerLength: number; needsRewrite: boolean; extendedL2: boolean }> {
  const more = await reader.read(72, 32);
  const incompatible = more.readBigUInt64BE(0);
  if (incompatible & externalData)
    throw new Problem('invalid', 'images.hostile.dataFile', { file: await dataFile(reader) });
  if (incompatible & ~known) {
    throw new Problem('invalid', 'images.hostile.qcow2Features', {
      bits: `0x${(incompatible & ~known).toString(16)}`,
    });
  }
  const refcountOrder = more.readUInt32BE(24);
  if (refcountOrder > 6)
    throw new Problem('invalid', 'images.hostile.qcow2Refcounts', { bits: refcountOrder });
  const headerLength = more.readUInt32BE(28);
  if (headerLength < 104 || headerLength > 4096 || headerLength % 8 !== 0) {
    throw new Problem('invalid', 'images.hostile.qcow2Header', { length: headerLength });
  }
  return {
    headerLength,
    // QEMU repairs a dirty file when it opens it for writing; ours stay read-only, so they are rewritten instead.
    needsRewrite: (incompatible & (dirty | corrupt)) !== 0n,
    extendedL2: (incompatible & extendedL2) !== 0n,
  };
}

function checkTables(
  reader: HeaderReader,
  base: Buffer,
  disk: { clusterSize: number; virtualSize: number; extendedL2: boolean },
): void {
  const l1Entries = base.readUInt32BE(36);
  if (l1Entries * 8 > largestL1Bytes) {
    throw new Problem('invalid', 'images.hostile.qcow2L1', { entries: l1Entries, limit: largestL1Bytes / 8 });
  }
  const perL2 = disk.clusterSize / (disk.extendedL2 ? 16 : 8);
  const needed = Math.ceil(disk.virtualSize / (disk.clusterSize * perL2));
  if (l1Entries < needed) {
    throw new Problem('invalid', 'images.hostile.qcow2L1Short', { entries: l1Entries, needed });
  }
  checkInside(reader, 'L1', base.readBigUInt64BE(40), l1Entries * 8);
  const refcountBytes = base.readUInt32BE(56) * disk.clusterSize;
  if (refcountBytes > largestRefcountTableBytes) {
    throw new Problem('invalid', 'images.hostile.qcow2RefcountTable', {
      size: refcountBytes,
      limit: largestRefcountTableBytes,
    });
  }
  checkInside(reader, 'refcount', base.readBigUInt64BE(48), refcountBytes);
}

// A table that lies past the end of the file is either a cut transfer or a lie; both are refused in the same words.
function checkInside(reader: HeaderReader, table: string, offset: bigint, length: number): void {
  if (length === 0) return;
  if (offset + BigInt(length) > BigInt(reader.size)) {
    throw new Problem('invalid', 'images.hostile.tableOutside', { table, size: reader.size });
  }
}

async function readExtensions(
  reader: HeaderReader,
  start: number,
  clusterSize: number,
): Promise<{ bitmaps: boolean }> {
  let bitmaps = false;
  let at = start;
  // The extensions end with the first cluster; each takes at least 8 bytes, so this ends.
  while (at + 8 <= Math.min(clusterSize, reader.size)) {
    const head = await reader.read(at, 8);
    const type = head.readUInt32BE(0);
    const length = head.readUInt32BE(4);
    if (type === 0) break;
    if (at + 8 + length > Math.min(clusterSize, reader.size)) {
      throw new Problem('invalid', 'images.hostile.qcow2Extension', { length });
    }
    if (type === extensionDataFile) {
      throw new Problem('invalid', 'images.hostile.dataFile', { file: await dataFile(reader) });
    }
    if (type === extensionEncryption) {
      throw new Problem('invalid', 'images.hostile.encrypted', { format: 'qcow2' });
    }
    if (type === extensionBitmaps) bitmaps = true;
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return { bitmaps };
}

/** Name of the external data file, for the message; `?` when the header does not say it. */
async function dataFile(reader: HeaderReader): Promise<string> {
  let at = (await reader.read(100, 4)).readUInt32BE(0);
  for (let seen = 0; seen < 16 && at + 8 <= reader.size; seen += 1) {
    const head = await reader.read(at, 8);
    const length = Math.min(head.readUInt32BE(4), 1024);
    if (head.readUInt32BE(0) === extensionDataFile && at + 8 + length <= reader.size) {
      return shownText(await reader.read(at + 8, length));
    }
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return '?';
}
