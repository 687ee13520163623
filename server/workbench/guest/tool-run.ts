import type { MessageKey } from '@/messages/messages';
import { posix } from 'node:path';
import { Readable } from 'node:stream';
import type { Client } from 'ssh2';
import { Problem } from '../../problem';
import type { Tool } from './catalogue';
import { execInGuest } from './exec';
import { shellQuote } from './paths';
import type { ToolFile } from './schemas';
import { fileProblem, openFlags, type Sftp } from './sftp';
import { writeWindowed } from './sftp-stream';

const scriptName = 'tool.sh';
const readyName = '.complete';
const shortMs = 30_000;
/** What `timeout` exits with (coreutils), or the shell after SIGTERM (busybox). */
const timedOutCodes = [124, 143];
const graceSeconds = 5;

/** The folder of one installation, in the login's home: there it outlives a restart of the guest. */
export interface ToolFolder {
  path: string;
}

/**
 * Puts script and files into a fresh folder that only the login may read; a complete one is left as it is.
 *
 * @throws Problem `unavailable`, `forbidden`, `failed`
 */
export async function copyTool(
  sftp: Sftp,
  client: Client,
  jobId: string,
  tool: Tool,
  extra: readonly ToolFile[],
  signal: AbortSignal,
): Promise<ToolFolder> {
  try {
    const path = posix.join(await sftp.realpath('.'), `.edgeyard-${jobId}`);
    if (await sftp.lstat(posix.join(path, readyName))) return { path };
    await removeToolFolder(client, { path }, signal);
    await sftp.mkdir(path, 0o700);
    const files = [...tool.files, ...extra, { name: scriptName, content: tool.script }];
    for (const { name, content } of [...files, { name: readyName, content: '' }]) {
      const handle = await sftp.open(posix.join(path, name), openFlags.write | openFlags.create);
      try {
        await writeWindowed(sftp, handle, Readable.from([Buffer.from(content)]), 0, () => undefined);
      } finally {
        await sftp.close(handle);
      }
    }
    return { path };
  } catch (error) {
    throw fileProblem(error, tool.nameEn);
  }
}

/**
 * Runs the tool's script as root.
 *
 * @throws Problem `failed` with the last lines of the script, or after its time limit
 */
export async function runTool(
  client: Client,
  folder: ToolFolder,
  tool: Tool,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<void> {
  // Hanging up does not end what runs in the guest; its own `timeout`, where it has one, does.
  const script = `sh ./${scriptName}`;
  const limited = `if command -v timeout >/dev/null 2>&1; then exec timeout ${tool.timeoutSeconds} ${script}; else exec ${script}; fi`;
  const result = await execInGuest(client, asRoot(`cd ${shellQuote(folder.path)} && ${limited}`), {
    signal,
    timeoutMs: (tool.timeoutSeconds + graceSeconds) * 1000,
    onLine,
  });
  if (result.code !== undefined && timedOutCodes.includes(result.code))
    throw new Problem('failed', 'files.errors.commandTimeout', { seconds: tool.timeoutSeconds });
  if (result.code !== 0) throw toolProblem('tools.errors.scriptFailed', result);
}

/** Asks the guest whether the tool is there. @throws Problem `failed` with the command's words */
export async function checkTool(
  client: Client,
  tool: Tool,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<void> {
  const timeoutMs = Math.min(tool.timeoutSeconds * 1000, 120_000);
  const result = await execInGuest(client, asRoot(tool.checkCommand), { signal, timeoutMs, onLine });
  if (result.code !== 0) throw toolProblem('tools.errors.checkFailed', result);
}

/** Removes what `copyTool` made; fine when it is gone. */
export async function removeToolFolder(
  client: Client,
  folder: ToolFolder,
  signal: AbortSignal,
): Promise<void> {
  // The script ran as root and may have left files of root's in it.
  await execInGuest(client, asRoot(`rm -rf -- ${shellQuote(folder.path)}`), { signal, timeoutMs: shortMs });
}

// Logins of cloud images are ordinary users who may use sudo without a password.
function asRoot(command: string): string {
  const word = shellQuote(command);
  return `if [ "$(id -u)" = 0 ]; then exec sh -c ${word}; else exec sudo -n sh -c ${word}; fi`;
}

function toolProblem(key: MessageKey, result: { code: number | undefined; stdout: string; stderr: string }) {
  const words = (result.stderr.trim() || result.stdout.trim()).slice(-1000);
  return new Problem('failed', key, { code: result.code ?? -1 }, { detail: words });
}
