/** Disk images as people make them, with qemu-img, and as attackers do. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for disks that goes with the test. */
export interface DiskBench {
  dir: string;
  /** Makes an empty disk of 16 MiB. @returns its bytes */
  make(format: string, options?: string[]): Buffer;
  /** Makes an empty disk and writes over places of it. */
  forge(format: string, changes: { at: number; bytes: Buffer }[]): Buffer;
  /** A disk of 4 MiB that holds something, by `qemu-img convert`. */
  filled(format: string, options?: string[]): Buffer;
  /** What a guest would read from a qcow2 image. */
  rawOf(qcow2: Buffer): Buffer;
  close(): void;
}

/** Opens a folder for disks. */
export function diskBench(): DiskBench {
  const dir = mkdtempSync(join(tmpdir(), 'disks-'));
  let count = 0;
  const next = () => join(dir, `disk-${(count += 1)}`);
  const create = (format: string, options: string[]) => {
    const file = next();
    execFileSync('qemu-img', ['create', '-q', '-f', format, ...options, file, '16M']);
    return file;
  };
  return {
    dir,
    make: (format, options = []) => readFileSync(create(format, options)),
    forge(format, changes) {
      const file = create(format, []);
      const handle = openSync(file, 'r+');
      for (const { at, bytes } of changes) writeSync(handle, bytes, 0, bytes.length, at);
      closeSync(handle);
      return readFileSync(file);
    },
    filled(format, options = []) {
      const [raw, file] = [next(), next()];
      const handle = openSync(raw, 'w');
      writeSync(handle, content);
      closeSync(handle);
      execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', format, ...options, raw, file]);
      return readFileSync(file);
    },
    rawOf(qcow2) {
      const [file, raw] = [next(), next()];
      writeFileSync(file, qcow2);
      execFileSync('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', file, raw]);
      return readFileSync(raw);
    },
    close: () => {
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** What the filled disks hold. */
export const content = Buffer.alloc(4 * 1024 * 1024, 'what the guest wrote; ');

/** A number as qcow2 keeps it. */
export function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A volume of 20 blocks: sixteen empty sectors and a primary volume descriptor (ECMA-119 8.4). */
export function isoVolume(): Buffer {
  const volume = Buffer.alloc(20 * 2048);
  const descriptor = volume.subarray(16 * 2048);
  descriptor[0] = 1;
  descriptor.write('CD001', 1, 'latin1');
  descriptor.writeUInt32LE(20, 80);
  descriptor.writeUInt16LE(2048, 128);
  return volume;
}
