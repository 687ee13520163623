/**
 * Reads which images an archive holds, in the browser and before a byte of it is sent: only headers and small documents
 * are read of a plain tar, however large it is. What it tells is a wish; the server trusts none of it.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { documentName, isWanted, readHeader, type TarHeader } from './tar-headers';

/** An image of an archive. */
interface ArchiveImage {
  /** As the archive names it; empty when it does not. */
  names: string[];
  /** By which the server knows an image it holds: digest of the manifest (OCI) or of the config (`docker save`). */
  digests: string[];
}

export interface ArchiveGlance {
  /** `packed`: zstd, which browsers cannot unpack; `unreadable`: no archive of images. */
  kind: 'read' | 'packed' | 'unreadable';
  images: ArchiveImage[];
}

const documentLimit = 4 * 2 ** 20;
const entryLimit = 20_000;

/**
 * Looks into an archive.
 *
 * @param file the whole archive; slices of it are read
 * @param signal ends the reading, which takes its time for an archive packed with gzip
 */
export async function readArchive(file: Blob, signal: AbortSignal): Promise<ArchiveGlance> {
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) {
    return { kind: 'packed', images: [] };
  }
  try {
    const bytes = head[0] === 0x1f && head[1] === 0x8b ? gunzipped(file) : plain(file);
    const documents = await readDocuments(bytes, signal);
    const images = imagesOf(documents);
    return { kind: images.length > 0 ? 'read' : 'unreadable', images };
  } catch (error) {
    if (signal.aborted) throw error;
    return { kind: 'unreadable', images: [] };
  }
}

/** Bytes read from front to back; what is skipped is not read where that can be. */
interface Bytes {
  take(count: number): Promise<Uint8Array>;
  skip(count: number): Promise<void>;
}

function plain(file: Blob): Bytes {
  let at = 0;
  return {
    async take(count) {
      const bytes = new Uint8Array(await file.slice(at, at + count).arrayBuffer());
      at += count;
      return bytes;
    },
    skip(count) {
      at += count;
      return Promise.resolve();
    },
  };
}

function gunzipped(file: Blob): Bytes {
  const reader = file.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  let rest = new Uint8Array(0);
  const some = async (most: number): Promise<Uint8Array | undefined> => {
    if (rest.length === 0) {
      const { value } = await reader.read();
      if (value === undefined) return undefined;
      rest = new Uint8Array(value);
    }
    const piece = rest.subarray(0, most);
    rest = rest.subarray(piece.length);
    return piece;
  };
  return {
    async take(count) {
      const whole = new Uint8Array(count);
      let have = 0;
      while (have < count) {
        const piece = await some(count - have);
        if (piece === undefined) return whole.subarray(0, have);
        whole.set(piece, have);
        have += piece.length;
      }
      return whole;
    },
    async skip(count) {
      for (let left = count; left > 0;) {
        const piece = await some(left);
        if (piece === undefined) return;
        left -= piece.length;
      }
    },
  };
}

async function readDocuments(bytes: Bytes, signal: AbortSignal): Promise<Map<string, string>> {
  const documents = new Map<string, string>();
  let long: Partial<TarHeader> = {};
  for (let entries = 0; entries < entryLimit; entries += 1) {
    signal.throwIfAborted();
    const header = readHeader(await bytes.take(512));
    if (header === undefined) return documents;
    const size = long.size ?? header.size;
    const padded = Math.ceil(size / 512) * 512;
    if (header.extended) {
      long = { ...long, ...header.extended((await bytes.take(padded)).subarray(0, size)) };
      continue;
    }
    const name = documentName(long.name ?? header.name);
    long = {};
    if (header.file && size <= documentLimit && isWanted(name)) {
      documents.set(name, new TextDecoder().decode((await bytes.take(padded)).subarray(0, size)));
    } else if (header.file) await bytes.skip(padded);
  }
  return documents;
}

interface Saved {
  Config?: string;
  RepoTags?: string[] | null;
}
interface Index {
  manifests?: { digest?: string; annotations?: Record<string, string> }[];
}

function imagesOf(documents: ReadonlyMap<string, string>): ArchiveImage[] {
  const saved = (parsed(documents.get('manifest.json')) ?? []) as Saved[];
  const index = ((parsed(documents.get('index.json')) ?? {}) as Index).manifests ?? [];
  const ofSaved: ArchiveImage[] = [];
  for (const { Config = '', RepoTags } of Array.isArray(saved) ? saved : []) {
    const config = documents.get(documentName(Config));
    if (config !== undefined) ofSaved.push({ names: RepoTags ?? [], digests: [digestOf(config)] });
  }
  if (index.length === 0) return ofSaved;
  // Docker since version 25 writes both; the index has the digests under which the server keeps them.
  return index.map(({ digest = '', annotations = {} }) => {
    const ref = annotations['org.opencontainers.image.ref.name'] ?? '';
    const name = annotations['io.containerd.image.name'] ?? (/[/:]/.test(ref) ? ref : undefined);
    const names = name === undefined ? (index.length === 1 ? (ofSaved[0]?.names ?? []) : []) : [name];
    return { names, digests: [digest] };
  });
}

function parsed(text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text);
}

// Browsers have their own SHA-256 only on https and localhost, and these documents are small.
function digestOf(text: string): string {
  return `sha256:${bytesToHex(sha256(new TextEncoder().encode(text)))}`;
}
