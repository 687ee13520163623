import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { diskTree, type MachineFacts } from './argv';

const run = promisify(execFile);

const mapSchema = z.array(z.object({ start: z.number(), length: z.number(), depth: z.number() }));

/** Ranges are told in whole units of this: nobody asks for less, and a torn disk has a hundred times as many clusters. */
const unit = 2 ** 20;

/** A disk torn into more ranges than fit here is better read whole. */
const mostBytes = 32 * 2 ** 20;

/**
 * What the disk of a VM that is off holds itself, and not the image below it: whatever has changed since it was made.
 *
 * @returns ranges in bytes, also all that lies behind the end of a smaller image; undefined when the VM was not made from an image, or the disk does not tell
 */
export async function overlayRanges(
  { file, base }: { file: string; base: MachineFacts['base'] },
  signal: AbortSignal | undefined,
): Promise<{ at: number; length: number }[] | undefined> {
  if (!base) return undefined;
  const disk = `json:${JSON.stringify(diskTree(file, base))}`;
  try {
    const { stdout } = await run('qemu-img', ['map', '--output=json', disk], {
      maxBuffer: mostBytes,
      ...(signal && { signal }),
    });
    // A depth of 0 is the overlay itself.
    return joined(mapSchema.parse(JSON.parse(stdout)).filter(({ depth }) => depth === 0));
  } catch (error) {
    if (signal?.aborted) throw error;
    // Knowing it only saves reading; the copy is whole without it.
    return undefined;
  }
}

/** @param ranges in the order of the disk */
function joined(ranges: readonly { start: number; length: number }[]): { at: number; length: number }[] {
  const units: { at: number; length: number }[] = [];
  for (const { start, length } of ranges) {
    const from = Math.floor(start / unit) * unit;
    const to = Math.ceil((start + length) / unit) * unit;
    const last = units.at(-1);
    if (last && last.at + last.length >= from) last.length = Math.max(last.length, to - last.at);
    else units.push({ at: from, length: to - from });
  }
  return units;
}
