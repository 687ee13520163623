/**
 * Serial logs of servers. Nova gives out the last 100 KiB as a whole and nothing else, so what is new is found by
 * laying each answer over what was seen before.
 */
import { z } from 'zod';
import { isProblem } from '../../problem';
import { BootReader, type Boot } from './boot-reader';
import type { Cloud } from './cloud';
import { overlap } from './overlap';

/** Text kept of one server, in bytes. */
const keptBytes = 256 * 1024;
/** Two texts that have fewer bytes in common than this are two logs: a line end alone says nothing. */
const leastOverlap = 64;
/** A text so long is the end of a longer log (MAX_CONSOLE_BYTES of nova is 100 KiB, less what it leaves out). */
const longAnswer = 64 * 1024;

const consoleOutput = z.object({ output: z.string().nullable() });

export interface ServerLogs {
  /**
   * Asks nova, and gives out the log from an offset on.
   *
   * @param from bytes since the log was first read here; what is no longer kept is left out
   * @returns text of at most 256 KiB, and where to go on; empty while nova has no log
   */
  read(serverId: string, from: number, signal?: AbortSignal): Promise<{ text: string; next: number }>;
  /**
   * Asks nova, and tells what the boot has reached.
   *
   * @param since when the server was switched on or restarted, milliseconds since 1970; another value than before is
   *   another boot
   */
  bootOf(serverId: string, since: number, signal?: AbortSignal): Promise<Boot>;
  /** What the boot has reached as far as it was read before; undefined when it never was. Asks nobody. */
  knownBoot(serverId: string, since: number): Boot | undefined;
  /** Drops what is known of a server. */
  forget(serverId: string): void;
}

/**
 * Serial logs of a cloud's servers; at most 256 KiB of each is held.
 *
 * @param now milliseconds since 1970
 */
export function serialLogs(cloud: Pick<Cloud, 'find'>, now: () => number = Date.now): ServerLogs {
  const logs = new Map<string, ServerLog>();
  const logOf = (serverId: string): ServerLog => {
    const known = logs.get(serverId) ?? new ServerLog(() => fetchLog(cloud, serverId), now);
    logs.set(serverId, known);
    return known;
  };
  return {
    async read(serverId, from, signal) {
      const log = logOf(serverId);
      await log.refresh(signal);
      return log.part(from);
    },
    async bootOf(serverId, since, signal) {
      const log = logOf(serverId);
      await log.refresh(signal);
      return log.boot.since(since);
    },
    knownBoot: (serverId, since) => logs.get(serverId)?.boot.since(since),
    forget(serverId) {
      logs.delete(serverId);
    },
  };
}

/** @returns undefined while nova has no log: the server is not made yet, or its host has forgotten it */
async function fetchLog(cloud: Pick<Cloud, 'find'>, serverId: string): Promise<string | undefined> {
  try {
    const answer = await cloud.find({
      service: 'compute',
      method: 'POST',
      path: `/servers/${encodeURIComponent(serverId)}/action`,
      body: { 'os-getConsoleOutput': {} },
      schema: consoleOutput,
      repeats: true,
    });
    return answer?.output ?? undefined;
  } catch (error) {
    if (isProblem(error) && 'code' in error && error.code === 'conflict') return undefined;
    throw error;
  }
}

class ServerLog {
  readonly boot: BootReader;
  private kept = Buffer.alloc(0);
  /** Offset of the first kept byte. */
  private start = 0;
  /** Bytes of nova's last answer, with which the kept text ends. */
  private lastLength = 0;
  private asking: Promise<void> | undefined;

  constructor(
    private readonly fetch: () => Promise<string | undefined>,
    now: () => number,
  ) {
    this.boot = new BootReader(now);
  }

  /** Readers at the same time share one question to nova, which none of them cancels for the others. */
  async refresh(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined;
    });
    await this.asking;
    signal?.throwIfAborted();
  }

  part(from: number): { text: string; next: number } {
    const end = this.start + this.kept.length;
    const at = Math.min(Math.max(from, this.start), end);
    return { text: firstWhole(this.kept.subarray(at - this.start)).toString('utf8'), next: end };
  }

  private async ask(): Promise<void> {
    const output = await this.fetch();
    if (output === undefined) return;
    // Cut in the middle of a character, nova's text begins or ends with a replacement for it.
    const seen = lastOf(Buffer.from(output.replace(/^\uFFFD+|\uFFFD+$/g, '')));
    const before = this.kept.subarray(Math.max(0, this.kept.length - this.lastLength));
    const common = overlap(before, seen);
    const goesOn = common >= Math.min(leastOverlap, before.length);
    // A short text that has nothing in common is a log that began anew; a long one has only outrun us.
    if (!goesOn && seen.length < longAnswer) this.boot.restart();
    this.append(seen.subarray(goesOn ? common : 0));
    this.lastLength = seen.length;
  }

  private append(fresh: Buffer): void {
    if (fresh.length === 0) return;
    this.boot.take(fresh.toString('utf8'));
    const all = Buffer.concat([this.kept, fresh]);
    const kept = Buffer.from(lastOf(all));
    this.start += all.length - kept.length;
    this.kept = kept;
  }
}

function lastOf(bytes: Buffer): Buffer {
  return firstWhole(bytes.subarray(Math.max(0, bytes.length - keptBytes)));
}

/** Leaves out what is left of a character whose beginning is missing. */
function firstWhole(bytes: Buffer): Buffer {
  let at = 0;
  while (at < 4 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at++;
  return bytes.subarray(at);
}
