import { Problem } from '../problem';
import { diskSize, shownText, type HeaderFacts, type HeaderReader } from './header-reader';

const sector = 512;
/** Readers take 20 sectors of descriptor, whatever the header says its size is; so do we. */
const descriptorSectors = 20;
/** A grain table of 512 entries; more is refused by QEMU as well. */
const mostTableEntries = 512;
/** QEMU's limit for a grain: 64 MiB of sectors. */
const largestGrain = 0x200000;
/** The grain directory lies behind the data and is named by a footer (stream-optimised files). */
const directoryAtEnd = 0xffff_ffff_ffff_ffffn;

interface SparseHeader {
  capacity: bigint;
  grain: bigint;
  descriptor: bigint;
  tableEntries: number;
  directory: bigint;
}

/**
 * Reads a VMDK sparse header and the descriptor inside it. Only `monolithicSparse` and `streamOptimized` hold all their
 * data; anything that names extents or a parent in other files is refused.
 *
 * @throws Problem `invalid`
 */
export async function readVmdkHeader(reader: HeaderReader): Promise<HeaderFacts> {
  const start = await reader.read(0, Math.min(sector, reader.size));
  if (start.toString('latin1', 0, 4) !== 'KDMV') {
    const rest = await reader.read(0, Math.min(descriptorSectors * sector, reader.size));
    throw new Problem('invalid', 'images.hostile.vmdkDescriptor', {
      file: firstExtentFile(rest.toString('latin1')),
    });
  }
  const header = sparseHeader(await reader.read(0, sector));
  // A sparse file of no capacity is read as a bare descriptor, whose extents may be any file: refused with the size.
  const virtualSize = diskSize(header.capacity * BigInt(sector));
  checkGrains(header);
  if (header.directory === directoryAtEnd) await checkFooter(reader, header);
  else checkDirectory(reader, header);
  await checkDescriptor(reader, header);
  return { virtualSize, clean: true };
}

function sparseHeader(bytes: Buffer): SparseHeader {
  const version = bytes.readUInt32LE(4);
  if (version < 1 || version > 3) throw new Problem('invalid', 'images.hostile.vmdkVersion', { version });
  return {
    capacity: bytes.readBigUInt64LE(12),
    grain: bytes.readBigUInt64LE(20),
    descriptor: bytes.readBigUInt64LE(28),
    tableEntries: bytes.readUInt32LE(44),
    directory: bytes.readBigUInt64LE(56),
  };
}

function checkGrains({ grain, tableEntries }: SparseHeader): void {
  if (grain < 1 || grain > largestGrain || tableEntries < 1 || tableEntries > mostTableEntries) {
    throw new Problem('invalid', 'images.hostile.vmdkGrains', {
      grain: Number(grain),
      entries: tableEntries,
    });
  }
}

function checkDirectory(reader: HeaderReader, header: SparseHeader): void {
  const tables = Number(header.capacity / (header.grain * BigInt(header.tableEntries))) + 1;
  // QEMU refuses a directory of more than 512 MiB of entries; no disk of ours needs a hundredth of that.
  if (tables > 2 ** 22) throw new Problem('invalid', 'images.hostile.vmdkDirectory', { entries: tables });
  if (header.directory * BigInt(sector) + BigInt(tables * 4) > BigInt(reader.size) + BigInt(sector)) {
    throw new Problem('invalid', 'images.hostile.tableOutside', { table: 'VMDK', size: reader.size });
  }
}

// Readers of a stream-optimised file believe the footer instead of the header, so it must say the same.
async function checkFooter(reader: HeaderReader, header: SparseHeader): Promise<void> {
  const bytes = await reader.read(Math.max(0, reader.size - 2 * sector), sector);
  if (bytes.toString('latin1', 0, 4) !== 'KDMV') {
    throw new Problem('invalid', 'images.hostile.truncated', {
      needed: reader.size + sector,
      size: reader.size,
    });
  }
  const footer = sparseHeader(bytes);
  checkDirectory(reader, footer);
  for (const field of ['capacity', 'grain', 'descriptor', 'tableEntries'] as const) {
    if (footer[field] !== header[field]) throw new Problem('invalid', 'images.hostile.vmdkFooter', { field });
  }
}

async function checkDescriptor(reader: HeaderReader, header: SparseHeader): Promise<void> {
  const offset = Number(header.descriptor) * sector;
  if (offset === 0 || offset >= reader.size) throw new Problem('invalid', 'images.hostile.vmdkNoDescriptor');
  const text = (
    await reader.read(offset, Math.min(descriptorSectors * sector, reader.size - offset))
  ).toString('latin1');
  const parent = /parentFileNameHint\s*=?\s*"?([^"\n\r\0]*)/i.exec(text);
  const parentId = /parentCID\s*=\s*([0-9a-f]+)/i.exec(text)?.[1]?.toLowerCase();
  if (parent || (parentId !== undefined && parentId !== 'ffffffff')) {
    const file = shownText(Buffer.from(parent?.[1] ?? '?', 'latin1'));
    throw new Problem('invalid', 'images.hostile.parentDisk', { format: 'VMDK', file });
  }
  const type = /createType\s*=\s*"([^"\n\0]*)"/i.exec(text)?.[1] ?? '?';
  if (type !== 'monolithicSparse' && type !== 'streamOptimized') {
    throw new Problem('invalid', 'images.hostile.vmdkType', { type: shownText(Buffer.from(type, 'latin1')) });
  }
  checkExtents(text);
}

function checkExtents(text: string): void {
  const extents = [...text.matchAll(/^\s*(?:RW|RDONLY|NOACCESS)\s+\d+\s+(\w+)(?:\s+"([^"\n]*)")?/gim)];
  const outside =
    extents.find(([, kind, file = '']) => kind !== 'SPARSE' || /[/\\]/.test(file)) ?? extents[1];
  if (outside) {
    const [, kind = '?', file = '?'] = outside;
    throw new Problem('invalid', 'images.hostile.vmdkExtent', {
      kind,
      file: shownText(Buffer.from(file, 'latin1')),
    });
  }
}

function firstExtentFile(text: string): string {
  const file = /^\s*(?:RW|RDONLY|NOACCESS)\s+\d+\s+\w+\s+"([^"\n]*)"/im.exec(text)?.[1] ?? '?';
  return shownText(Buffer.from(file, 'latin1'));
}
