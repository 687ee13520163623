import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { requireNetwork } from '../power-rules';
import type { VmSpec } from '../site';
import type { FlavorSize } from '../flavors';
import { runQemuImg } from './qemu-img';
import { isoImage, seedFiles } from './seed-iso';
import type { VmPaths, VmRecord } from './vm-folder';

/**
 * The record of a VM that is to be made.
 *
 * @param size numbers of its flavor, already checked
 * @param source where its image lies
 * @param machine versioned machine type
 */
export function newRecord(
  spec: VmSpec,
  size: FlavorSize,
  source: { path: string; format: 'qcow2' | 'raw' | 'iso' },
  machine: string,
): VmRecord {
  const network = requireNetwork(spec.network).kind;
  return {
    version: 1,
    vmId: spec.vmId,
    jobId: spec.jobId,
    name: spec.name,
    imageId: spec.imageId,
    machine,
    mac: newMac(),
    size,
    network: network === 'provider' ? 'none' : network,
    forwards: spec.network.forwards,
    ...(source.format === 'iso'
      ? { cd: source.path }
      : { base: { path: source.path, format: source.format } }),
    serialCut: 0,
    boot: [],
    state: 'starting',
    reason: undefined,
    since: Date.now(),
  };
}

/** QEMU's own prefix, and 24 random bits. */
function newMac(): string {
  const bytes = [0x52, 0x54, 0x00, ...randomBytes(3)];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/**
 * Makes the files of a VM. What an interrupted call already made is kept; each file appears whole or not at all.
 */
export async function makeFiles(
  paths: VmPaths,
  record: VmRecord,
  seed: VmSpec['seed'],
  signal?: AbortSignal,
): Promise<void> {
  await mkdir(paths.folder, { recursive: true, mode: 0o700 });
  if (!existsSync(paths.seed)) {
    await writeFile(`${paths.seed}.new`, isoImage(seedFiles(seed, record.vmId), 'cidata'), { mode: 0o600 });
    await rename(`${paths.seed}.new`, paths.seed);
  }
  if (existsSync(paths.disk)) return;
  const fresh = `${paths.disk}.new`;
  await rm(fresh, { force: true });
  const { base } = record;
  const backing = base ? ['-b', base.path, '-F', base.format] : [];
  await runQemuImg(['create', '-q', '-f', 'qcow2', ...backing, fresh, `${record.size.diskGiB}G`], {
    failure: 'sites.errors.createFailed',
    signal,
  });
  await rename(fresh, paths.disk);
}
