/**
 * One picture of a screen by RFB 3.8 (RFC 6143): a shared viewer that asks for one whole frame, raw, and goes.
 * Raw costs bytes on a short way and saves the decoders of every other encoding.
 */
import type { Duplex } from 'node:stream';
import { isProblem, Problem } from '../problem';
import { bytesOf, type Bytes } from './byte-reader';
import { encodePng } from './png';

const longestMs = 15_000;
/** 4096 × 4096; a picture of it takes 48 MiB while it is made. */
const mostPixels = 16 * 1024 ** 2;
const longestText = 1024 ** 2;

const version = Buffer.from('RFB 003.008\n');
const rawEncoding = 0;
const desktopSize = -223;

interface Frame {
  width: number;
  height: number;
  /** A filter byte, then three bytes a pixel, row after row: what a PNG holds. */
  rows: Buffer;
}

/**
 * Takes a picture of a screen. Other viewers stay connected, and nothing is left open.
 *
 * @param open opens the RFB stream; it is destroyed here
 * @returns a PNG
 * @throws what `open` throws; Problem `unavailable` with `sites.errors.pictureFailed` when the screen answers with
 *   something else, too large a frame, or not within 15 s
 */
export async function screenshotOf(open: () => Promise<Duplex>): Promise<Buffer> {
  const stream = await open();
  stream.on('error', () => undefined);
  const timer = setTimeout(() => {
    stream.destroy(failed('no picture in time'));
  }, longestMs);
  try {
    const bytes = bytesOf(stream);
    const frame = await wholeFrame(stream, bytes, await sayHello(stream, bytes));
    stream.destroy();
    return await encodePng(frame.width, frame.height, frame.rows);
  } catch (error) {
    throw problemOf(stream.errored ?? error);
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}

/** RFC 6143, 7.1 to 7.3. @returns an empty frame of the screen's size */
async function sayHello(stream: Duplex, bytes: Bytes): Promise<Frame> {
  const greeting = await bytes.take(12);
  if (!/^RFB 003\.00[78]\n$/.test(greeting.toString('latin1'))) throw failed('another version of RFB');
  stream.write(version);
  const [count = 0] = await bytes.take(1);
  const types = await bytes.take(count);
  if (!types.includes(1)) throw failed('the screen asks for a password');
  stream.write(Buffer.from([1]));
  if ((await bytes.take(4)).readUInt32BE() !== 0) throw failed('the screen refused');
  stream.write(Buffer.from([1])); // shared
  const facts = await bytes.take(24);
  await skip(bytes, facts.readUInt32BE(20));
  stream.write(trueColour());
  stream.write(encodings([rawEncoding, desktopSize]));
  return emptyFrame(facts.readUInt16BE(0), facts.readUInt16BE(2));
}

async function wholeFrame(stream: Duplex, bytes: Bytes, first: Frame): Promise<Frame> {
  let frame = first;
  stream.write(frameRequest(frame));
  for (;;) {
    const count = await nextUpdate(bytes);
    let drawn = 0;
    for (let index = 0; index < count; index++) {
      const box = boxOf(await bytes.take(12));
      if (box.encoding === desktopSize) {
        // The screen has another size by now; what was drawn is of the old one.
        frame = emptyFrame(box.width, box.height);
        drawn = 0;
        stream.write(frameRequest(frame));
      } else {
        drawn += await draw(bytes, frame, box);
      }
    }
    if (drawn > 0) return frame;
  }
}

/** Passes over what is no picture. @returns how many rectangles follow (RFC 6143, 7.6) */
async function nextUpdate(bytes: Bytes): Promise<number> {
  for (;;) {
    const [type = 0] = await bytes.take(1);
    if (type === 0) return (await bytes.take(3)).readUInt16BE(1);
    if (type === 1) await skip(bytes, 6 * (await bytes.take(5)).readUInt16BE(3));
    else if (type === 3) await skip(bytes, (await bytes.take(7)).readUInt32BE(3));
    else if (type !== 2) throw failed(`message ${type}`); // 2 is the bell
  }
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
  encoding: number;
}

function boxOf(head: Buffer): Box {
  return {
    x: head.readUInt16BE(0),
    y: head.readUInt16BE(2),
    width: head.readUInt16BE(4),
    height: head.readUInt16BE(6),
    encoding: head.readInt32BE(8),
  };
}

/** Puts a raw rectangle into the frame, a row at a time. @returns its pixels */
async function draw(bytes: Bytes, frame: Frame, box: Box): Promise<number> {
  if (box.encoding !== rawEncoding) throw failed(`encoding ${box.encoding}`);
  if (box.x + box.width > frame.width || box.y + box.height > frame.height)
    throw failed('a rectangle beyond the screen');
  if (box.width === 0) return 0;
  for (let y = box.y; y < box.y + box.height; y++) {
    const row = await bytes.take(box.width * 4);
    let to = y * (1 + frame.width * 3) + 1 + box.x * 3;
    for (let from = 0; from < row.length; from += 4) {
      frame.rows[to++] = row[from + 2] ?? 0;
      frame.rows[to++] = row[from + 1] ?? 0;
      frame.rows[to++] = row[from] ?? 0;
    }
  }
  return box.width * box.height;
}

function emptyFrame(width: number, height: number): Frame {
  if (width * height > mostPixels) throw failed(`${width} × ${height} pixels`);
  return { width, height, rows: Buffer.alloc(height * (1 + width * 3)) };
}

/** SetPixelFormat: 32 bits, little end first: blue, green, red, nothing (RFC 6143, 7.5.1). */
function trueColour(): Buffer {
  const message = Buffer.alloc(20);
  message.set([32, 24, 0, 1], 4);
  for (const at of [8, 10, 12]) message.writeUInt16BE(255, at);
  message.set([16, 8, 0], 14);
  return message;
}

/** SetEncodings (7.5.2). */
function encodings(wanted: readonly number[]): Buffer {
  const message = Buffer.alloc(4 + wanted.length * 4);
  message[0] = 2;
  message.writeUInt16BE(wanted.length, 2);
  for (const [index, each] of wanted.entries()) message.writeInt32BE(each, 4 + index * 4);
  return message;
}

/** FramebufferUpdateRequest, all of it and not only what changed (7.5.3). */
function frameRequest({ width, height }: Frame): Buffer {
  const message = Buffer.alloc(10);
  message[0] = 3;
  message.writeUInt16BE(width, 6);
  message.writeUInt16BE(height, 8);
  return message;
}

async function skip(bytes: Bytes, length: number): Promise<void> {
  if (length > longestText) throw failed('a text that has no end');
  await bytes.take(length);
}

function problemOf(error: unknown): Problem {
  return isProblem(error) ? error : failed(error instanceof Error ? error.message : String(error));
}

function failed(detail: string): Problem {
  return new Problem('unavailable', 'sites.errors.pictureFailed', {}, { detail });
}
