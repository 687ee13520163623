/**
 * No image is trusted: before any tool opens a file from outside, its header is read here, by code that reads few bytes
 * and follows nothing. What a header could use to reach other files or to take memory out of proportion is refused.
 */
import { open } from 'node:fs/promises';
import { Problem } from '../problem';
import { diskSize, headerReader, type HeaderFacts, type HeaderReader } from './header-reader';
import { readIsoHeader } from './iso-header';
import { readQcow2Header } from './qcow2-header';
import type { IncomingFormat } from './schemas';
import { readVdiHeader } from './vdi-header';
import { readVhdxHeader } from './vhdx-header';
import { readVmdkHeader } from './vmdk-header';

export interface Inspected extends HeaderFacts {
  format: IncomingFormat;
}

/**
 * Inspects a disk image file.
 *
 * @param file path
 * @param format what the sender says it is; the header must agree
 * @returns the disk's size and whether the file may be kept as it is
 * @throws Problem `invalid` that names what was found and how to mend it
 */
export async function inspectImage(file: string, format: IncomingFormat): Promise<Inspected> {
  const handle = await open(file, 'r');
  try {
    const facts = await handle.stat();
    if (!facts.isFile() || facts.size === 0) throw new Problem('invalid', 'images.hostile.empty');
    const reader = headerReader(handle, facts.size);
    const found = await formatByHeader(reader);
    if (found !== undefined && found !== format) refuseFormat(format, found);
    if (found === undefined && format !== 'raw') refuseFormat(format, 'unknown');
    return { format, ...(await readers[format](reader)) };
  } finally {
    await handle.close();
  }
}

/**
 * Reads which format a file says it is, by its magic.
 *
 * @returns undefined when no known magic is there, as in a raw disk
 */
async function formatByHeader(reader: HeaderReader): Promise<string | undefined> {
  const start = await reader.read(0, Math.min(512, reader.size));
  if (start.toString('latin1', 0, 4) === 'QFI\u00fb') return 'qcow2';
  if (start.toString('latin1', 0, 4) === 'KDMV' || isVmdkDescriptor(start)) return 'vmdk';
  if (start.length >= 68 && start.readUInt32LE(64) === 0xbeda107f) return 'vdi';
  if (start.toString('latin1', 0, 8) === 'vhdxfile') return 'vhdx';
  if (start.toString('latin1', 0, 4) === 'COWD') return 'vmdk (COWD)';
  if (start.toString('latin1', 0, 4) === 'QED\0') return 'qed';
  if (start.toString('latin1', 0, 4) === 'LUKS') return 'luks';
  if (start.toString('latin1', 0, 8) === 'conectix') return 'vpc';
  if (start.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]))) return 'gzip';
  if (start.subarray(0, 6).equals(Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]))) return 'xz';
  if (start.subarray(0, 4).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))) return 'zstd';
  if (start.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004'))) return 'zip';
  return undefined;
}

function isVmdkDescriptor(start: Buffer): boolean {
  return /^\s*#\s*disk descriptorfile/i.test(start.toString('latin1', 0, Math.min(64, start.length)));
}

function refuseFormat(said: IncomingFormat, found: string): void {
  // An image that boots from both disk and CD carries a boot sector; its ISO 9660 volume is checked by its own reader.
  if (said === 'iso' && found === 'unknown') return;
  throw new Problem('invalid', 'images.hostile.otherFormat', { said, found });
}

async function readRaw(reader: HeaderReader): Promise<HeaderFacts> {
  if (reader.size % 512 !== 0) throw new Problem('invalid', 'images.hostile.rawSize', { size: reader.size });
  return { virtualSize: diskSize(reader.size), clean: true };
}

const readers: Record<IncomingFormat, (reader: HeaderReader) => Promise<HeaderFacts>> = {
  qcow2: readQcow2Header,
  raw: readRaw,
  vmdk: readVmdkHeader,
  vdi: readVdiHeader,
  vhdx: readVhdxHeader,
  iso: readIsoHeader,
};
