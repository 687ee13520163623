/**
 * A NoCloud seed as cloud-init reads it: a volume labelled `cidata` with `meta-data` and `user-data`.
 * ISO 9660 (ECMA-119) with a Joliet tree, whose names Linux shows as they are.
 */
import { stringify } from 'yaml';
import type { Seed } from '../seed';
import { userDataOf } from '../user-data';

/** Long lines stay whole: simple guests find keys by reading lines. */
const yamlStyle = { lineWidth: 0 };

const sector = 2048;
/** busybox finds no label on a device shorter than about 68 KiB, so we pad as other writers do: by 150 sectors. */
const padding = 150;

// The layout: 16 primary descriptor, 17 Joliet descriptor, 18 end, 19/20 path tables (little, big endian),
// 21/22 the same for Joliet, 23 root folder, 24 Joliet root folder, then the files.
const place = { paths: 19, jolietPaths: 21, root: 23, jolietRoot: 24, files: 25 };

/**
 * The files of a NoCloud seed.
 *
 * @param instanceId changes when cloud-init is to run its once-per-instance parts again
 */
export function seedFiles(seed: Seed, instanceId: string): Record<string, string> {
  const metaData = stringify(
    {
      'instance-id': instanceId,
      'local-hostname': seed.hostname,
      'public-keys': seed.sshKeys,
    },
    yamlStyle,
  );
  return { 'meta-data': metaData, 'user-data': userDataFor(seed) };
}

function userDataFor(seed: Seed): string {
  const userData = seed.userData ?? defaultUserData(seed);
  return userDataOf({ userData, files: seed.files }) ?? userData;
}

/** What a guest gets when the person gave nothing: cloud-init complains about missing locales and host names otherwise. */
function defaultUserData(seed: Seed): string {
  const config = stringify(
    {
      hostname: seed.hostname,
      manage_etc_hosts: true,
      locale: 'C.UTF-8',
      ssh_authorized_keys: seed.sshKeys,
    },
    yamlStyle,
  );
  return `#cloud-config\n${config}`;
}

/**
 * Writes small files into an ISO image in memory.
 *
 * @param files contents by name; at most as many as fit one folder sector (about 25)
 * @param label volume label, at most 16 characters
 * @throws Error when the names do not fit
 */
export function isoImage(files: Record<string, string>, label: string): Buffer {
  let at = place.files;
  const entries = Object.entries(files).map(([name, text], index) => {
    const data = Buffer.from(text);
    const entry = { name, short: `${shortName(name)}${index}.;1`, at, data };
    at += Math.max(1, Math.ceil(data.length / sector));
    return entry;
  });
  const total = at + padding;
  const plain = entries
    .map((each) => ({ ...each, id: Buffer.from(each.short, 'latin1') }))
    .sort((a, b) => Buffer.compare(a.id, b.id));
  const joliet = entries
    .map((each) => ({ ...each, id: wide(each.name) }))
    .sort((a, b) => Buffer.compare(a.id, b.id));
  return Buffer.concat([
    Buffer.alloc(16 * sector),
    volumeDescriptor({ label, total, joliet: false }),
    volumeDescriptor({ label, total, joliet: true }),
    endDescriptor(),
    pathTable(place.root, 'little'),
    pathTable(place.root, 'big'),
    pathTable(place.jolietRoot, 'little'),
    pathTable(place.jolietRoot, 'big'),
    folder(place.root, plain),
    folder(place.jolietRoot, joliet),
    ...entries.map((each) => padded(each.data.length > 0 ? each.data : Buffer.alloc(1))),
    Buffer.alloc(padding * sector),
  ]);
}

/** ISO 9660 level 1 takes eight of A–Z, 0–9, _; the index behind it keeps names apart. */
function shortName(name: string): string {
  return name
    .toUpperCase()
    .replace(/[^A-Z0-9_]/g, '_')
    .slice(0, 6);
}

/** UCS-2 big endian, as Joliet writes names. */
function wide(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc((sector - (data.length % sector)) % sector)]);
}

/** ECMA-119 7.2.3: a 16-bit number in both byte orders. */
function both16(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(value, 0);
  bytes.writeUInt16BE(value, 2);
  return bytes;
}

/** ECMA-119 7.3.3: a 32-bit number in both byte orders. */
function both32(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(value, 0);
  bytes.writeUInt32BE(value, 4);
  return bytes;
}

/** ECMA-119 9.1: one entry of a folder. */
function folderRecord(id: Buffer, at: number, length: number, isFolder: boolean): Buffer {
  const record = Buffer.alloc(33 + id.length + ((33 + id.length) % 2));
  record[0] = record.length;
  both32(at).copy(record, 2);
  both32(length).copy(record, 10);
  record.set([70, 1, 1, 0, 0, 0, 0], 18); // 1970-01-01: the same seed gives the same bytes
  record[25] = isFolder ? 2 : 0;
  both16(1).copy(record, 28);
  record[32] = id.length;
  id.copy(record, 33);
  return record;
}

function folder(own: number, files: { id: Buffer; at: number; data: Buffer }[]): Buffer {
  const records = Buffer.concat([
    folderRecord(Buffer.from([0]), own, sector, true),
    folderRecord(Buffer.from([1]), own, sector, true),
    ...files.map((each) => folderRecord(each.id, each.at, each.data.length, false)),
  ]);
  if (records.length > sector) throw new Error('seed: too many files for one folder');
  return padded(records);
}

/** ECMA-119 9.4: the root is the only folder. */
function pathTable(root: number, order: 'little' | 'big'): Buffer {
  const table = Buffer.alloc(10);
  table[0] = 1;
  if (order === 'big') {
    table.writeUInt32BE(root, 2);
    table.writeUInt16BE(1, 6);
  } else {
    table.writeUInt32LE(root, 2);
    table.writeUInt16LE(1, 6);
  }
  return padded(table);
}

/** ECMA-119 8.4 and 8.5: primary, or supplementary with the Joliet escape sequence for UCS-2 level 3. */
function volumeDescriptor({
  label,
  total,
  joliet,
}: {
  label: string;
  total: number;
  joliet: boolean;
}): Buffer {
  const block = Buffer.alloc(sector);
  const text = (value: string, at: number, length: number) => {
    const bytes = joliet
      ? wide(value.padEnd(length / 2).slice(0, length / 2))
      : Buffer.from(value.padEnd(length).slice(0, length), 'latin1');
    bytes.copy(block, at);
  };
  block[0] = joliet ? 2 : 1;
  block.write('CD001', 1, 'latin1');
  block[6] = 1;
  text('LINUX', 8, 32);
  text(label, 40, 32);
  both32(total).copy(block, 80);
  if (joliet) block.write('%/E', 88, 'latin1');
  both16(1).copy(block, 120);
  both16(1).copy(block, 124);
  both16(sector).copy(block, 128);
  both32(10).copy(block, 132);
  const paths = joliet ? place.jolietPaths : place.paths;
  block.writeUInt32LE(paths, 140);
  block.writeUInt32BE(paths + 1, 148);
  folderRecord(Buffer.from([0]), joliet ? place.jolietRoot : place.root, sector, true).copy(block, 156);
  for (const at of [190, 318, 446, 574]) text('', at, 128);
  for (const at of [702, 739, 776]) text('', at, 36);
  for (const at of [813, 830, 847, 864]) block.write('0'.repeat(16), at, 'latin1'); // no date
  block[881] = 1;
  return block;
}

function endDescriptor(): Buffer {
  const block = Buffer.alloc(sector);
  block[0] = 255;
  block.write('CD001', 1, 'latin1');
  block[6] = 1;
  return block;
}
