import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Problem } from '../../problem';
import { stopReasons } from '../site';

const forward = z.object({
  protocol: z.enum(['tcp', 'udp']),
  hostPort: z.int().min(0).max(65535),
  guestPort: z.int().min(1).max(65535),
});

const recordSchema = z.object({
  version: z.literal(1),
  vmId: z.string(),
  jobId: z.string(),
  name: z.string(),
  imageId: z.string(),
  /** Versioned machine type, so that a guest keeps its hardware. */
  machine: z.string(),
  mac: z.string(),
  size: z.object({ vcpus: z.int(), memoryMiB: z.int(), diskGiB: z.int() }),
  network: z.enum(['none', 'isolated', 'nat']),
  /** As asked: a host port of 0 lets us choose at every start. */
  forwards: z.array(forward),
  base: z.object({ path: z.string(), format: z.enum(['qcow2', 'raw']) }).optional(),
  cd: z.string().optional(),
  /** Of the newest start: what was really used. */
  launch: z
    .object({
      accelerator: z.enum(['kvm', 'tcg']),
      sandbox: z.boolean(),
      forwards: z.array(forward),
      sshPort: z.int().optional(),
      /** Where in the serial log this start begins, in bytes since the VM's first start. */
      serialStart: z.int(),
      /** Whether its CPUs began to run: until then a creation is not over. */
      done: z.boolean(),
    })
    .optional(),
  /** Its CPUs stand still for the beginning of a capture, which is no pause to people. */
  held: z.boolean().optional(),
  /** Bytes of the serial log that were cut off at its beginning. */
  serialCut: z.int(),
  boot: z.array(
    z.object({
      phase: z.enum(['firmware', 'bootloader', 'kernel', 'userspace', 'login', 'panic']),
      at: z.number(),
    }),
  ),
  /** The state last seen, for the time when no process can be asked. */
  state: z.enum(['starting', 'running', 'paused', 'stopped', 'failed']),
  reason: z.enum(stopReasons).optional(),
  detail: z.string().optional(),
  since: z.number(),
});

/** What `vm.json` holds. */
export type VmRecord = z.infer<typeof recordSchema>;

/** The files of one VM, as absolute paths. */
export interface VmPaths {
  folder: string;
  record: string;
  pidFile: string;
  qmpSocket: string;
  agentSocket: string;
  vncSocket: string;
  serialLog: string;
  errorLog: string;
  disk: string;
  seed: string;
  screenshot: string;
}

/** Linux: sockaddr_un takes 108 bytes with the closing zero. */
const longestSocketPath = 107;

/**
 * The files of a VM.
 *
 * @param dir absolute path of the site's folder
 * @throws Problem `invalid` for an id that is no plain name, or where the sockets' paths would be too long
 */
export function vmPaths(dir: string, vmId: string): VmPaths {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(vmId)) throw new Problem('invalid', 'sites.errors.noVm');
  const folder = join(dir, vmId);
  const paths = {
    folder,
    record: join(folder, 'vm.json'),
    pidFile: join(folder, 'pid'),
    qmpSocket: join(folder, 'qmp.sock'),
    agentSocket: join(folder, 'qga.sock'),
    vncSocket: join(folder, 'vnc.sock'),
    serialLog: join(folder, 'serial.log'),
    errorLog: join(folder, 'qemu.log'),
    disk: join(folder, 'disk.qcow2'),
    seed: join(folder, 'seed.iso'),
    screenshot: join(folder, 'screen.png'),
  };
  const length = Buffer.byteLength(paths.qmpSocket);
  if (length > longestSocketPath) {
    throw new Problem('invalid', 'sites.errors.pathTooLong', { length, limit: longestSocketPath });
  }
  return paths;
}

/** Writes the record; a reader sees the old or the new one, never half. */
export async function writeRecord(paths: VmPaths, record: VmRecord): Promise<void> {
  const fresh = `${paths.record}.new`;
  await writeFile(fresh, JSON.stringify(record, undefined, 1), { mode: 0o600 });
  await rename(fresh, paths.record);
}

/** @returns the record, or undefined when there is none that can be read */
export async function readRecord(paths: VmPaths): Promise<VmRecord | undefined> {
  try {
    return recordSchema.safeParse(JSON.parse(await readFile(paths.record, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

const goneMark = '.gone-';

/**
 * The ids of all VMs that have a folder. Folders that an earlier process was removing are removed now.
 *
 * @param dir the site's folder, made when it is not there
 */
export async function listFolders(dir: string): Promise<string[]> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const entries = await readdir(dir, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const gone = folders.filter((name) => name.startsWith(goneMark));
  await Promise.all(gone.map((name) => rm(join(dir, name), { recursive: true, force: true })));
  return folders.filter((name) => !name.startsWith('.'));
}

/** Removes a VM's folder: first out of sight in one step, then its content. */
export async function removeFolder(dir: string, paths: VmPaths, vmId: string): Promise<void> {
  const gone = join(dir, `${goneMark}${vmId}`);
  await rm(gone, { recursive: true, force: true });
  try {
    await rename(paths.folder, gone);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  await rm(gone, { recursive: true, force: true });
}

/** Bytes of disk that a file really takes; 0 when it is not there. */
export async function allocatedBytes(path: string): Promise<number> {
  try {
    return (await stat(path)).blocks * 512;
  } catch {
    return 0;
  }
}
