import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';

export interface CsarFacts {
  /** Files of the archive, manifest included. */
  files: string[];
  /** Files whose manifest hash is not that of their bytes, or that the manifest does not list or lists in vain. */
  wrong: string[];
  /** Paths that TOSCA.meta names and the archive lacks. */
  dangling: string[];
  /** SHA-256 of each qcow2 inside, after `qemu-img check` found no fault. */
  images: { name: string; sha256: string }[];
}

/**
 * Looks at a package with other people's tools only: `unzip`, Node's hashes, `qemu-img`. None of the product's code is
 * used, so that a fault in its reader cannot hide one in its writer.
 *
 * @param csar path of the downloaded package
 * @throws Error when unzip or qemu-img finds a fault
 */
export function checkCsar(csar: string): CsarFacts {
  const dir = mkdtempSync(join(tmpdir(), 'csar-'));
  try {
    execFileSync('unzip', ['-q', csar, '-d', dir]);
    const files = listFiles(dir).map((file) => relative(dir, file));
    const manifest = files.find((file) => !file.includes('/') && file.endsWith('.mf'));
    if (manifest === undefined) throw new Error('no manifest in the root of the package');
    const listed = manifestHashes(readFileSync(join(dir, manifest), 'utf8'));
    const others = files.filter((file) => file !== manifest);
    const wrong = [
      ...others.filter((file) => listed.get(file) !== sha256(join(dir, file))),
      ...[...listed.keys()].filter((file) => !files.includes(file)),
    ];
    const meta = readFileSync(join(dir, 'TOSCA-Metadata/TOSCA.meta'), 'utf8');
    const named = [...meta.matchAll(/^(?:Entry-Definitions|ETSI-Entry-[\w-]+|Name): *(.+)$/gm)].map((match) =>
      (match[1] ?? '').trim(),
    );
    const dangling = named.filter(
      (name) => !files.some((file) => file === name || file.startsWith(`${name}/`)),
    );
    return { files, wrong, dangling, images: imagesOf(dir, files) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** `Source:`, `Algorithm:`, `Hash:` groups of a SOL 004 manifest. */
function manifestHashes(text: string): Map<string, string> {
  const groups = text.matchAll(/^Source: *(.+)\nAlgorithm: *SHA-256\nHash: *([0-9a-f]{64})$/gm);
  return new Map([...groups].map((group) => [(group[1] ?? '').trim(), group[2] ?? '']));
}

function imagesOf(dir: string, files: readonly string[]): CsarFacts['images'] {
  const archives = files.filter((file) => file.startsWith('Image/') && file.endsWith('.zip'));
  for (const archive of archives)
    execFileSync('unzip', ['-q', join(dir, archive), '-d', join(dir, `${archive}.d`)]);
  return listFiles(join(dir, 'Image'))
    .filter((file) => file.endsWith('.qcow2'))
    .map((file) => {
      execFileSync('qemu-img', ['check', '-q', '-f', 'qcow2', file]);
      return { name: basename(file), sha256: sha256(file) };
    });
}

function listFiles(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** SHA-256 of a file's bytes, in hexadecimal. */
export function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** SHA-256 of bytes in hex. */
export function sha256OfBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
