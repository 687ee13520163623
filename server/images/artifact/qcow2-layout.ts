import { firstThat } from './bisect';
import { blobBytes, type DiskPiece } from './disk-config';
import { clusterSize } from './zstd';

/** Entries of an L2 table and of a table of 64-bit offsets: a cluster holds so many. */
const entries = clusterSize / 8;
/** Refcounts of 16 bits in a cluster: so many clusters of the file does one refcount block tell about. */
const countsPerBlock = clusterSize / 2;
/** The table or cluster is referred to by nobody else (qcow2 specification, "QCOW_OFLAG_COPIED"). */
const copied = 2n ** 63n;
const compressed = 2n ** 62n;
/** Where the count of sectors begins in the entry of a compressed cluster: 62 - (cluster_bits - 8). */
const sectorsShift = 54n;

/** A qcow2 file (version 3, zstd) of which the tables are known before any byte of the disk was read. */
export interface Qcow2Layout {
  /** Bytes of the whole file. */
  readonly size: number;
  /** Byte at which the pieces begin; they lie behind each other, as the registry holds them. */
  readonly dataAt: number;
  /** First byte in the file of each piece, and behind the last one of the last. */
  readonly places: readonly number[];
  /** One cluster of the file before `dataAt`. */
  head(index: number): Buffer;
}

/**
 * Lays a disk out as a qcow2 file: header, L1 table, L2 tables, refcount table and blocks, and then the blobs of the pieces
 * unchanged. The same pieces give the same file.
 *
 * @param virtualSize bytes a guest sees, a multiple of 512
 * @param pieceSize bytes between two pieces
 * @param pieces those that are not all zeros, in the order of the disk
 */
export function layOutQcow2(
  virtualSize: number,
  pieceSize: number,
  pieces: readonly DiskPiece[],
): Qcow2Layout {
  const tables = tablesInUse(virtualSize, pieces);
  const l1Size = Math.ceil(virtualSize / (entries * clusterSize));
  const l1Clusters = Math.max(1, Math.ceil(l1Size / entries));
  const l2At = 1 + l1Clusters;
  const dataBytes = pieces.reduce((sum, piece) => sum + blobBytes(piece), 0);
  const fixed = l2At + tables.length + Math.ceil(dataBytes / clusterSize);
  const { blocks, tableClusters } = countRefcounts(fixed);
  const refTableAt = l2At + tables.length;
  const blocksAt = refTableAt + tableClusters;
  const dataCluster = blocksAt + blocks;
  const dataAt = dataCluster * clusterSize;
  const places = [dataAt];
  for (const piece of pieces) places.push((places.at(-1) ?? dataAt) + blobBytes(piece));
  const disk = { pieces, places, pieceSize };

  const head = (index: number): Buffer => {
    const cluster = Buffer.alloc(clusterSize);
    if (index === 0) writeHeader(cluster, { virtualSize, l1Size, refTableAt, tableClusters });
    else if (index < l2At) {
      tables.forEach((table, place) => {
        const entry = table - (index - 1) * entries;
        if (entry >= 0 && entry < entries) {
          cluster.writeBigUInt64BE(BigInt((l2At + place) * clusterSize) | copied, entry * 8);
        }
      });
    } else if (index < refTableAt) writeL2(cluster, tables[index - l2At] ?? 0, disk);
    else if (index < blocksAt) {
      const first = (index - refTableAt) * entries;
      for (let block = first; block < Math.min(blocks, first + entries); block += 1) {
        cluster.writeBigUInt64BE(BigInt((blocksAt + block) * clusterSize), (block - first) * 8);
      }
    } else writeCounts(cluster, (index - blocksAt) * countsPerBlock, dataCluster, disk);
    return cluster;
  };
  return { size: (fixed + tableClusters + blocks) * clusterSize, dataAt, places, head };
}

interface Disk {
  pieces: readonly DiskPiece[];
  places: readonly number[];
  pieceSize: number;
}

/** Numbers of the L2 tables that have something to say. */
function tablesInUse(virtualSize: number, pieces: readonly DiskPiece[]): number[] {
  const used = new Set<number>();
  const span = entries * clusterSize;
  for (const { at, frames } of pieces) {
    const last = Math.min(virtualSize, at + frames.length * clusterSize) - 1;
    for (let table = Math.floor(at / span); table <= Math.floor(last / span); table += 1) used.add(table);
  }
  return [...used];
}

/** How many refcount blocks and clusters of their table a file takes, which have refcounts themselves. */
function countRefcounts(clusters: number): { blocks: number; tableClusters: number } {
  let blocks = 0;
  let tableClusters = 1;
  for (;;) {
    const needed = Math.ceil((clusters + blocks + tableClusters) / countsPerBlock);
    const table = Math.max(1, Math.ceil(needed / entries));
    if (needed === blocks && table === tableClusters) return { blocks, tableClusters };
    blocks = needed;
    tableClusters = table;
  }
}

/** The header, as the qcow2 specification lays it out (docs/interop/qcow2.txt). */
function writeHeader(
  cluster: Buffer,
  facts: { virtualSize: number; l1Size: number; refTableAt: number; tableClusters: number },
): void {
  cluster.write('QFI\xfb', 0, 'latin1');
  cluster.writeUInt32BE(3, 4);
  cluster.writeUInt32BE(Math.log2(clusterSize), 20);
  cluster.writeBigUInt64BE(BigInt(facts.virtualSize), 24);
  cluster.writeUInt32BE(facts.l1Size, 36);
  cluster.writeBigUInt64BE(BigInt(clusterSize), 40);
  cluster.writeBigUInt64BE(BigInt(facts.refTableAt * clusterSize), 48);
  cluster.writeUInt32BE(facts.tableClusters, 56);
  // Incompatible feature bit 3: a compression type other than zlib.
  cluster.writeBigUInt64BE(8n, 72);
  cluster.writeUInt32BE(4, 96);
  cluster.writeUInt32BE(112, 100);
  cluster.writeUInt8(1, 104);
}

function writeL2(cluster: Buffer, table: number, disk: Disk): void {
  const from = table * entries;
  const first = firstThat(
    disk.pieces.length,
    (index) => (disk.pieces[index]?.at ?? 0) + disk.pieceSize > from * clusterSize,
  );
  for (let index = first; index < disk.pieces.length; index += 1) {
    const piece = disk.pieces[index];
    if (!piece || piece.at >= (from + entries) * clusterSize) return;
    eachFrame(piece, disk.places[index] ?? 0, (offset, bytes, number) => {
      const entry = piece.at / clusterSize + number - from;
      if (entry < 0 || entry >= entries) return;
      const sectors = Math.floor((offset + bytes - 1) / 512) - Math.floor(offset / 512);
      cluster.writeBigUInt64BE(compressed | (BigInt(sectors) << sectorsShift) | BigInt(offset), entry * 8);
    });
  }
}

/** Counts for clusters of the file from `from` on: 1 for each of the tables, and for data how many frames touch it. */
function writeCounts(cluster: Buffer, from: number, dataCluster: number, disk: Disk): void {
  const to = from + countsPerBlock;
  for (let index = from; index < Math.min(to, dataCluster); index += 1) {
    cluster.writeUInt16BE(1, (index - from) * 2);
  }
  const first = firstThat(disk.pieces.length, (index) => (disk.places[index + 1] ?? 0) > from * clusterSize);
  for (let index = first; index < disk.pieces.length; index += 1) {
    const piece = disk.pieces[index];
    const place = disk.places[index] ?? 0;
    if (!piece || place >= to * clusterSize) return;
    eachFrame(piece, place, (offset, bytes) => {
      const last = Math.floor((offset + bytes - 1) / clusterSize);
      for (let touched = Math.floor(offset / clusterSize); touched <= last; touched += 1) {
        if (touched < from || touched >= to) continue;
        const at = (touched - from) * 2;
        cluster.writeUInt16BE(cluster.readUInt16BE(at) + 1, at);
      }
    });
  }
}

/** Calls for each frame that a table names: those of zeros are in the file, since the blob has them, but named by none. */
function eachFrame(
  piece: DiskPiece,
  place: number,
  visit: (offset: number, bytes: number, number: number) => void,
): void {
  let offset = place;
  piece.frames.forEach((frame, number) => {
    if (frame > 0) visit(offset, frame, number);
    offset += Math.abs(frame);
  });
}
