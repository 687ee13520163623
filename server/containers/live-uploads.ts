import { asProblem, Problem } from '../problem';
import { registryProblem } from '../registries/registry-problem';
import { Feed } from './archive/feed';
import { blobSink } from './archive/blob-sink';
import { takeArchive, type Taken } from './archive/take-archive';
import { packed, unpacked, type Packing } from './archive/unpack';
import { incomingParts } from './names';
import type { ContainerPorts } from './ports';
import type { UploadRow, UploadRows } from './upload-rows';

/** A sender that is silent for so long must begin again at what is safe. */
const idleMs = 10 * 60_000;
/** How often what was read is written down. */
const rememberEveryMs = 2000;

/** An archive that is read while it comes. */
export interface LiveUpload {
  /** Bytes that were read, or lie with the reader; gone with this process when they are beyond `safe`. */
  accepted: number;
  /** Resolves once the bytes were taken on. @throws Problem why the archive is refused, or the registry's */
  push(chunk: Buffer): Promise<void>;
  /** All bytes came: resolves when the archive was read to its end. @throws Problem as `push` */
  finish(): Promise<Taken>;
  /** Ends the reading; what is safe stays. */
  stop(): void;
}

/**
 * Reads an archive while its bytes come, over several requests: layers go straight into the workbench's registry, no
 * copy lies anywhere else. A plain tar can be taken up again after a restart where its last file ended; a packed one
 * cannot be entered in its middle and begins anew.
 *
 * @param ended called when reading is over before all bytes came
 */
export function readWhileSent(
  ports: ContainerPorts,
  rows: UploadRows,
  row: UploadRow,
  ended: (problem: Problem) => void,
): LiveUpload {
  const feed = new Feed();
  const stopping = new AbortController();
  let idle: NodeJS.Timeout | undefined;
  const stop = (problem = new Problem('cancelled', 'problems.cancelled')) => {
    clearTimeout(idle);
    feed.fail(problem);
    stopping.abort(problem);
  };
  const waitAgain = () => {
    clearTimeout(idle);
    idle = setTimeout(stop, idleMs).unref();
  };
  const result = readFeed(ports, rows, row, feed, stopping.signal).catch((error: unknown) => {
    const problem = asProblem(error);
    stop(problem);
    ended(problem);
    throw problem;
  });
  // Whoever sends learns of it with the next piece.
  result.catch(() => undefined);
  waitAgain();

  const live: LiveUpload = {
    accepted: row.safe,
    async push(chunk) {
      waitAgain();
      await feed.push(chunk);
      live.accepted += chunk.length;
    },
    async finish() {
      clearTimeout(idle);
      feed.end();
      return await result;
    },
    stop: () => {
      stop();
    },
  };
  return live;
}

async function readFeed(
  ports: ContainerPorts,
  rows: UploadRows,
  row: UploadRow,
  feed: Feed,
  signal: AbortSignal,
): Promise<Taken> {
  const { registry, repository, address } = await ports.registries.of('workbench');
  const sink = blobSink(registry, repository(...incomingParts(row.projectId)), signal);
  try {
    const { packing, content } = row.taken
      ? { packing: 'none' as const, content: feed[Symbol.asyncIterator]() }
      : await packed(feed[Symbol.asyncIterator]());
    const plain = unpacked(content, packing, signal);
    const remember = remembering(rows, row.id, packing);
    const taken = await takeArchive(plain, sink, { from: row.taken ?? undefined, taken: remember, signal });
    // Behind the end of a tar there is padding, and in a packed one its check sum.
    for await (const rest of plain) void rest;
    return taken;
  } catch (error) {
    throw registryProblem(error, address);
  }
}

/** Writes down what was read, now and then; of a packed archive nothing, as it cannot be entered in its middle. */
function remembering(rows: UploadRows, id: string, packing: Packing): (taken: Taken) => void {
  let last = Date.now();
  return (taken) => {
    if (packing !== 'none' || Date.now() - last < rememberEveryMs) return;
    last = Date.now();
    rows.update(id, { taken, safe: taken.offset });
  };
}
