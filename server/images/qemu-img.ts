import { spawn } from 'node:child_process';
import { z } from 'zod';
import { Problem } from '../problem';

/**
 * Limits of one `qemu-img` child. A hostile header is refused before the tool sees it; these hold what remains: a bug in
 * the tool must not take the machine's memory or run for ever.
 */
interface Limits {
  /** Bytes of address space. Eight parallel converters with 2 MiB clusters stay far below. */
  addressSpace: number;
  /** Seconds of CPU, over all threads. */
  cpuSeconds: number;
  /** Bytes of the largest file it may write: what looks small may unpack to more than the disk holds. */
  fileSize?: number;
  /** Seconds by the clock. */
  wallSeconds: number;
}

const probeLimits: Limits = { addressSpace: 2 * 2 ** 30, cpuSeconds: 60, wallSeconds: 120 };

/** Names a file for qemu-img without letting it guess: format by name, protocol by name. */
function fileOptions(file: string, format: string): string {
  // In an option list a comma separates; a doubled one is the character.
  return `driver=${format},file.driver=file,file.filename=${file.replaceAll(',', ',,')}`;
}

/**
 * Runs qemu-img under prlimit, and kills it with its whole process group on abort or when its time is over.
 *
 * @returns what it wrote to standard output
 * @throws Problem `failed` with its own words, `no_space`, `cancelled`
 */
function run(
  args: readonly string[],
  options: {
    limits: Limits;
    signal: AbortSignal;
    onOutput?: (text: string) => void;
    okCodes?: readonly number[];
  },
): Promise<string> {
  const { limits, signal, okCodes = [0] } = options;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new Problem('cancelled', 'problems.cancelled'));
      return;
    }
    const child = spawn(
      'prlimit',
      [
        `--as=${limits.addressSpace}`,
        `--cpu=${limits.cpuSeconds}`,
        `--fsize=${limits.fileSize ?? 'unlimited'}`,
        '--core=0',
        '--',
        'qemu-img',
        ...args,
      ],
      // The C locale keeps its words the same on every machine.
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
        env: { NODE_ENV: process.env.NODE_ENV, PATH: process.env['PATH'], LC_ALL: 'C' },
      },
    );
    let stdout = '';
    let stderr = '';
    let ended: 'aborted' | 'late' | undefined;
    const kill = (why: 'aborted' | 'late') => {
      ended ??= why;
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    };
    const onAbort = () => {
      kill('aborted');
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const timer = setTimeout(() => {
      kill('late');
    }, limits.wallSeconds * 1000);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (options.onOutput) options.onOutput(text);
      else stdout = (stdout + text).slice(-1_048_576);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-4096);
    });
    const settle = (act: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      act();
    };
    child.once('error', (error) => {
      settle(() => {
        reject(
          new Problem('unavailable', 'images.errors.noQemuImg', {}, { detail: error.message, cause: error }),
        );
      });
    });
    child.once('close', (code, killedBy) => {
      settle(() => {
        if (ended === 'aborted') reject(new Problem('cancelled', 'problems.cancelled'));
        else if (ended === 'late')
          reject(new Problem('failed', 'images.errors.toolTooSlow', { seconds: limits.wallSeconds }));
        else if (code !== null && okCodes.includes(code)) resolve(stdout);
        else if (killedBy === 'SIGXFSZ') reject(new Problem('no_space', 'problems.diskFull'));
        else reject(toolProblem(stderr));
      });
    });
  });
}

function toolProblem(stderr: string): Problem {
  const detail = stderr.trim();
  if (/No space left on device|Disk quota exceeded|File too large/.test(detail)) {
    return new Problem('no_space', 'problems.diskFull', {}, { detail });
  }
  // The drivers of VMDK and VHDX find a cut file this way; VMDK's does so when it is asked to check, not when it reads.
  if (/points after (EOF|end of file)/.test(detail)) {
    return new Problem('invalid', 'images.errors.damaged', { count: 1 }, { detail });
  }
  return new Problem('failed', 'images.errors.toolFailed', {}, { detail });
}

const checkReport = z.object({
  'check-errors': z.number(),
  corruptions: z.number().optional(),
  leaks: z.number().optional(),
  'image-end-offset': z.number().optional(),
});

/**
 * Checks a disk file's structure by `qemu-img check`.
 *
 * @returns whether leaked clusters were found: harmless, but the file is not as it was written
 * @throws Problem `invalid` for a damaged file, with the counts
 */
export async function checkDisk(
  file: string,
  format: 'qcow2' | 'vmdk',
  signal: AbortSignal,
): Promise<{ leaks: number }> {
  const text = await run(['check', '--output=json', '--image-opts', fileOptions(file, format)], {
    limits: { ...probeLimits, cpuSeconds: 1800, wallSeconds: 3600 },
    signal,
    // 2: corruptions, 3: leaks only; both come with a report.
    okCodes: [0, 2, 3],
  });
  const report = checkReport.parse(JSON.parse(text));
  const damaged = (report.corruptions ?? 0) + report['check-errors'];
  if (damaged > 0) throw new Problem('invalid', 'images.errors.damaged', { count: damaged });
  return { leaks: report.leaks ?? 0 };
}

/**
 * Copies a disk into a new qcow2 file compressed with zstd, eight clusters at a time and out of order.
 *
 * @param from file and its format, which the caller has read from the header itself
 * @param to path of the new file
 * @param sizes `virtual`: bytes of the disk, for progress; `largest`: bytes that may be written
 * @throws Problem `failed`, `no_space`, `cancelled`; the caller removes the target
 */
export async function convertToQcow2(
  from: { file: string; format: string },
  to: string,
  sizes: { virtual: number; largest: number },
  step: { signal: AbortSignal; progress?: (done: number, total: number) => void },
): Promise<void> {
  // A slow disk moves 5 MB/s; anything slower hangs. Empty parts of a huge disk take no time.
  const wallSeconds = Math.min(6 * 3600, 600 + Math.ceil(sizes.virtual / 5e6));
  await run(
    [
      'convert',
      '-p',
      '--image-opts',
      fileOptions(from.file, from.format),
      ...'-O qcow2 -c -o compression_type=zstd -m 8 -W'.split(' '),
      to,
    ],
    {
      limits: {
        addressSpace: 4 * 2 ** 30,
        cpuSeconds: wallSeconds * 4,
        fileSize: sizes.largest,
        wallSeconds,
      },
      signal: step.signal,
      onOutput: (text) => {
        const percent = /\(([\d.]+)\/100%\)[^(]*$/.exec(text)?.[1];
        if (percent !== undefined) step.progress?.((Number(percent) / 100) * sizes.virtual, sizes.virtual);
      },
    },
  );
}
