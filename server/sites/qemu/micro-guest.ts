/**
 * The smallest guest that proves an accelerator: a root file system in memory whose only program says that it runs.
 * A boot sector would not do, because some hosts emulate real mode and hang in everything after it.
 */

/** What the program writes on the console. */
export const marker = 'EDGEYARD-GUEST-RUNS';

/**
 * An x86-64 Linux program (ELF) that writes `text` to its standard output and ends. As the first program of a kernel
 * its end is a panic, upon which `panic=-1` restarts the machine and `-no-reboot` ends QEMU.
 */
export function tinyProgram(text: string): Buffer {
  const message = Buffer.from(`${text}\n`);
  const code = [
    [0xb8, 1, 0, 0, 0], // mov eax, 1 (write)
    [0xbf, 1, 0, 0, 0], // mov edi, 1 (standard output)
    [0x48, 0x8d, 0x35, 16, 0, 0, 0], // lea rsi, [rip + 16]: behind the code
    [0xba, message.length, 0, 0, 0], // mov edx, length
    [0x0f, 0x05], // syscall
    [0xb8, 60, 0, 0, 0], // mov eax, 60 (exit)
    [0x31, 0xff, 0x0f, 0x05], // xor edi, edi; syscall
  ];
  const origin = 0x400000n;
  const headers = Buffer.alloc(120);
  const size = BigInt(headers.length + code.flat().length + message.length);
  headers.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // ELF, 64 bits, little endian
  headers.writeUInt16LE(2, 16); // an executable
  headers.writeUInt16LE(62, 18); // x86-64
  headers.writeUInt32LE(1, 20);
  headers.writeBigUInt64LE(origin + 120n, 24); // entry
  headers.writeBigUInt64LE(64n, 32); // program headers
  headers.writeUInt16LE(64, 52);
  headers.writeUInt16LE(56, 54);
  headers.writeUInt16LE(1, 56);
  headers.writeUInt32LE(1, 64); // one segment to load,
  headers.writeUInt32LE(5, 68); // readable and executable
  headers.writeBigUInt64LE(origin, 80);
  headers.writeBigUInt64LE(origin, 88);
  headers.writeBigUInt64LE(size, 96);
  headers.writeBigUInt64LE(size, 104);
  headers.writeBigUInt64LE(4096n, 112);
  return Buffer.concat([headers, Buffer.from(code.flat()), message]);
}

/**
 * A cpio archive in the `newc` form, as the kernel takes it for its first root file system (Documentation/
 * driver-api/early-userspace/buffer-format.rst).
 *
 * @param files contents by path; all become executable
 */
export function newcArchive(files: Record<string, Buffer>): Buffer {
  const entries = Object.entries(files).map(([name, data], index) =>
    newcEntry(name, data, index + 1, 0o100755),
  );
  return Buffer.concat([...entries, newcEntry('TRAILER!!!', Buffer.alloc(0), 0, 0)]);
}

function newcEntry(name: string, data: Buffer, inode: number, mode: number): Buffer {
  const nameBytes = Buffer.from(`${name}\0`);
  // inode, mode, uid, gid, links, mtime, size, device ×2, special device ×2, name length, checksum
  const fields = [inode, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, nameBytes.length, 0];
  const header = `070701${fields.map((each) => each.toString(16).padStart(8, '0')).join('')}`;
  return Buffer.concat([padded4(Buffer.concat([Buffer.from(header), nameBytes])), padded4(data)]);
}

function padded4(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
}
