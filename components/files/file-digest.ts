import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/**
 * SHA-256 of a file of any size, with bounded memory: what the browser itself offers takes whole buffers only.
 *
 * @returns the digest in hex
 * @throws DOMException `NotReadableError` when the file was moved or changed
 */
export async function digestOfFile(file: Blob, signal?: AbortSignal): Promise<string> {
  const hash = sha256.create();
  const reader = file.stream().getReader();
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { done, value } = await reader.read();
      if (done) return bytesToHex(hash.digest());
      hash.update(value);
    }
  } finally {
    reader.releaseLock();
  }
}
