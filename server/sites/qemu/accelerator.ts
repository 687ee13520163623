import { execFile, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { Problem } from '../../problem';
import { acceleratorReasons, type AcceleratorReason } from '../site';
import { sandbox } from './argv';
import { marker, newcArchive, tinyProgram } from './micro-guest';

const run = promisify(execFile);

const findingSchema = z.object({
  /** Host boot and QEMU version it is true for. */
  key: z.string(),
  name: z.enum(['kvm', 'tcg']),
  reason: z.enum(acceleratorReasons),
  detail: z.string().optional(),
  /** Whether QEMU starts with its system call filter here. */
  sandbox: z.boolean(),
  /** The newest machine type of the PC kind. */
  machine: z.string(),
});

/** How guests run on this host, and how that was proved. */
export type Finding = z.infer<typeof findingSchema>;

/** A guest that says nothing for so long hangs; under KVM it takes well under a second. */
const bootLimitMs = 12_000;

/**
 * Finds how guests run on this host. Tried once per boot of the host and version of QEMU, and kept in a file.
 *
 * @param options.kernel a Linux kernel to boot; without one KVM is not used, because it could not be proved
 * @param options.cache path of the file that keeps the finding
 * @throws Problem `unavailable` without QEMU
 */
export async function findAccelerator(options: {
  kernel: string | undefined;
  cache: string;
}): Promise<Finding> {
  const version = await qemuVersion();
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const key = [boot.trim(), version, options.kernel === undefined ? 'no kernel' : 'kernel'].join(' ');
  const known = await readFinding(options.cache);
  if (known?.key === key) return known;
  const finding: Finding = {
    key,
    ...(await tryKvm(options.kernel)),
    sandbox: await sandboxWorks(),
    machine: await newestMachine(),
  };
  await writeFile(`${options.cache}.new`, JSON.stringify(finding), { mode: 0o600 });
  await rename(`${options.cache}.new`, options.cache);
  return finding;
}

async function readFinding(path: string): Promise<Finding | undefined> {
  try {
    return findingSchema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

async function qemuVersion(): Promise<string> {
  try {
    const { stdout } = await run('qemu-system-x86_64', ['--version']);
    await run('qemu-img', ['--version']);
    return stdout.split('\n')[0] ?? '';
  } catch (error) {
    throw new Problem('unavailable', 'sites.errors.noQemu', {}, { cause: error });
  }
}

type Verdict = Pick<Finding, 'name' | 'reason' | 'detail'>;

async function tryKvm(kernel: string | undefined): Promise<Verdict> {
  const tcg = (reason: AcceleratorReason, detail?: string): Verdict => ({ name: 'tcg', reason, detail });
  try {
    await access('/dev/kvm', constants.R_OK | constants.W_OK);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return tcg(missing ? 'noKvm' : 'noPermission');
  }
  if (kernel === undefined) return tcg('notProbed');
  const { ran, hung, words } = await microBoot('kvm', kernel, bootLimitMs);
  if (ran) return { name: 'kvm', reason: 'proved' };
  return hung ? tcg('hangs') : tcg('broken', words);
}

/**
 * Boots a kernel whose first program writes a marker.
 *
 * @param accelerator the one to try
 * @param limitMs time until it counts as hung and is killed
 * @returns `ran`: the program ran; otherwise whether it `hung`, and QEMU's words
 */
export async function microBoot(
  accelerator: 'kvm' | 'tcg',
  kernel: string,
  limitMs: number,
): Promise<{ ran: boolean; hung: boolean; words: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'edgeyard-probe-'));
  try {
    const initrd = join(folder, 'initrd');
    await writeFile(initrd, newcArchive({ init: tinyProgram(marker) }));
    const argv = [
      ['-machine', `pc,accel=${accelerator}`, '-cpu', accelerator === 'kvm' ? 'host' : 'max', '-m', '128'],
      ['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-serial', 'stdio'],
      ['-kernel', kernel, '-initrd', initrd],
      ['-append', 'console=ttyS0 quiet panic=-1 mitigations=off'],
    ];
    return await bootOnce(argv.flat(), limitMs);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function bootOnce(argv: string[], limitMs: number): Promise<{ ran: boolean; hung: boolean; words: string }> {
  return new Promise((resolve) => {
    const child = spawn('qemu-system-x86_64', argv, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let words = '';
    let hung = false;
    const timer = setTimeout(() => {
      hung = true;
      child.kill('SIGKILL'); // A guest stuck in KVM does not react to less.
    }, limitMs);
    child.stdout.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString('latin1')).slice(-4096);
      if (output.includes(marker)) child.kill('SIGKILL');
    });
    child.stderr.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-1000)));
    child.on('error', (error) => (words = error.message));
    child.on('close', () => {
      clearTimeout(timer);
      resolve({ ran: output.includes(marker), hung, words: words.trim() });
    });
  });
}

/** Whether this QEMU takes its system call filter here: some containers forbid it. */
async function sandboxWorks(): Promise<boolean> {
  const argv = [
    '-machine',
    'none',
    '-nodefaults',
    '-no-user-config',
    '-display',
    'none',
    '-sandbox',
    sandbox,
  ];
  const child = spawn('qemu-system-x86_64', [...argv, '-qmp', 'stdio'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  return new Promise((resolve) => {
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
    child.stdin.on('error', () => undefined);
    child.stdin.end('{"execute":"qmp_capabilities"}\n{"execute":"quit"}\n');
  });
}

/** `pc` is another machine after each update; the versioned name behind it stays the same. */
async function newestMachine(): Promise<string> {
  const { stdout } = await run('qemu-system-x86_64', ['-machine', 'help']);
  return /^pc\s.*\(alias of (\S+)\)/m.exec(stdout)?.[1] ?? 'pc';
}
