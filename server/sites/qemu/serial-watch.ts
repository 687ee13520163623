import { watch } from 'node:fs';
import { copyFile, open, stat, truncate, type FileHandle } from 'node:fs/promises';

/** A serial log longer than this is cut at its beginning, so that no guest fills the host's disk with it. */
export const longestLog = 8 * 1024 ** 2;

export interface SerialWatch {
  /** Reads what came since; for the moment before the boot's state is told. */
  read(): Promise<void>;
  /** Nothing is told from now on. */
  close(): void;
}

/**
 * Follows a growing log from an offset on.
 *
 * @param path the file; it must exist
 * @param from offset in the file, in bytes
 * @param on.onText receives text as it comes
 * @param on.onCut the file was cut: so many bytes are gone from its beginning
 */
export function watchSerial(
  path: string,
  from: number,
  on: { onText: (text: string) => void; onCut: (bytes: number) => void },
): SerialWatch {
  let position = from;
  let reading: Promise<void> | undefined;
  let again = false;
  let closed = false;
  const onText = (text: string) => {
    if (!closed) on.onText(text);
  };
  const readOn = async () => {
    const file = await open(path, 'r');
    try {
      position = await readFrom(file, position, onText);
    } finally {
      await file.close();
    }
    if (position > longestLog && !closed) {
      const cut = position;
      position = 0;
      await copyFile(path, `${path}.1`);
      await truncate(path, 0);
      on.onCut(cut);
    }
  };
  const read = async (): Promise<void> => {
    if (reading) {
      again = true;
      return reading;
    }
    reading = readOn().catch(() => undefined); // The file goes with its VM.
    await reading;
    reading = undefined;
    if (!again) return;
    again = false;
    await read();
  };
  const close = () => {
    closed = true;
    watcher.close();
  };
  const watcher = watch(path, { persistent: false }, () => void read());
  watcher.on('error', close);
  return { read, close };
}

async function readFrom(file: FileHandle, from: number, onText: (text: string) => void): Promise<number> {
  const buffer = Buffer.alloc(64 * 1024);
  for (let position = from; ;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return position;
    position += bytesRead;
    onText(buffer.toString('latin1', 0, bytesRead));
  }
}

/** Most bytes of a log given out at once. */
const longestPart = 256 * 1024;

/**
 * A part of a log whose beginning may have been cut off.
 *
 * @param path the log; a missing one is empty
 * @param cut bytes cut off from its beginning so far
 * @param from where to read, counted from the beginning that was once there
 * @returns text of at most 256 KiB, and where to go on
 */
export async function readSerial(
  path: string,
  cut: number,
  from: number,
): Promise<{ text: string; next: number }> {
  const size = await stat(path).then(
    (facts) => facts.size,
    () => 0,
  );
  const start = Math.min(Math.max(0, from - cut), size);
  const length = Math.min(longestPart, size - start);
  if (length === 0) return { text: '', next: cut + start };
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start);
    const whole = wholeCharacters(buffer.subarray(0, bytesRead), bytesRead < size - start);
    return { text: whole.toString('utf8'), next: cut + start + whole.length };
  } finally {
    await file.close();
  }
}

/** Leaves a character that was cut in two to the next part. */
function wholeCharacters(bytes: Buffer, moreFollows: boolean): Buffer {
  if (!moreFollows) return bytes;
  let end = bytes.length;
  while (end > bytes.length - 4 && end > 0 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end--;
  const lead = bytes[end - 1] ?? 0;
  return lead >= 0xc0 ? bytes.subarray(0, end - 1) : bytes;
}
