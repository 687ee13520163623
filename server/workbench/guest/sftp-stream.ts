/**
 * Streams in and out of a guest's files with many requests in flight. SFTP answers every block by itself, so a stream
 * that waits for each answer moves at the speed of the round trip; a window keeps the line full with bounded memory.
 */
import type { Sftp } from './sftp';

// Every SFTP server takes 32 KiB at once (draft-ietf-secsh-filexfer-02, 3), and ssh2 never splits such a block.
const blockSize = 32 * 1024;
const windowBytes = 64 * blockSize;

type Writer = Pick<Sftp, 'write'>;
type Reader = Pick<Sftp, 'read'>;

/**
 * Writes a stream into an open file. Reads from the source only while the window has room. However it ends, no write is
 * under way any more when it returns or throws, and `onWritten` has been told every block that certainly is in the file.
 *
 * @param offset byte position of the first block
 * @param onWritten called in order of position, with the block and the position behind it
 * @returns the position behind the last byte
 * @throws what the source throws (after the received blocks are written), or the SFTP error
 */
export async function writeWindowed(
  sftp: Writer,
  handle: Buffer,
  source: AsyncIterable<Buffer>,
  offset: number,
  onWritten: (block: Buffer, end: number) => void,
): Promise<number> {
  const queue: { block: Buffer; end: number; answered: boolean }[] = [];
  let inFlight = 0;
  let pending = 0;
  let position = offset;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;

  const send = (block: Buffer) => {
    const item = { block, end: position + block.length, answered: false };
    queue.push(item);
    inFlight += block.length;
    pending += 1;
    const start = position;
    position = item.end;
    sftp.write(handle, block, start, (error) => {
      pending -= 1;
      if (error) failure ??= error;
      else item.answered = true;
      // Answers may come out of order; only what has no gap before it counts.
      while (queue[0]?.answered === true) {
        const first = queue.shift();
        if (!first) break;
        inFlight -= first.block.length;
        onWritten(first.block, first.end);
      }
      wake?.();
    });
  };
  const until = async (condition: () => boolean) => {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };

  try {
    for await (const chunk of source) {
      for (let start = 0; start < chunk.length; start += blockSize) {
        await until(() => inFlight < windowBytes || failure !== undefined);
        if (failure) throw failure;
        send(chunk.subarray(start, start + blockSize));
      }
    }
  } finally {
    await until(() => pending === 0);
  }
  if (failure) throw failure;
  return position;
}

/**
 * Reads a range of an open file.
 *
 * @param from first byte
 * @param to byte behind the last one; reading stops earlier at the end of the file
 * @returns blocks in order
 */
export async function* readWindowed(
  sftp: Reader,
  handle: Buffer,
  from: number,
  to: number,
): AsyncGenerator<Buffer, void, undefined> {
  const ahead: { start: number; length: number; answer: Promise<Buffer> }[] = [];
  let next = from;
  const fill = () => {
    while (next < to && ahead.length < windowBytes / blockSize) {
      const length = Math.min(blockSize, to - next);
      const answer = sftp.read(handle, next, length);
      // A reader that leaves early never looks at the rest; their failure must not end the process.
      answer.catch(() => undefined);
      ahead.push({ start: next, length, answer });
      next += length;
    }
  };
  fill();
  for (let block = ahead.shift(); block; block = ahead.shift()) {
    let data = await block.answer;
    while (data.length > 0) {
      yield data;
      block = { ...block, start: block.start + data.length, length: block.length - data.length };
      if (block.length === 0) break;
      // A server may answer less than was asked for; the rest is asked for again.
      data = await sftp.read(handle, block.start, block.length);
    }
    if (block.length > 0) return;
    fill();
  }
}
