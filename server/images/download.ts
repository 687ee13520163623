import { createWriteStream } from 'node:fs';
import { stat, truncate } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request, type Dispatcher } from 'undici';
import { requireRoom } from '../disk-space';
import { asProblem, isProblem, Problem } from '../problem';
import { publicLookup, requireFetchable } from './public-address';
import type { Step } from './stored';

const mostRedirects = 5;
const mostTries = 6;

interface Download {
  url: string;
  /** Path of the file; what is already there is kept, and the rest is asked for. */
  file: string;
  /** Folder whose free space limits the download. */
  dir: string;
  allowPrivate: boolean;
}

/**
 * Fetches a file over HTTP into a file, streamed. A cut connection is taken up where it broke (Range, RFC 9110 14), with
 * pauses that grow; a server without ranges starts over.
 *
 * @returns bytes of the file
 * @throws Problem `invalid` for refused addresses and answers, `no_space`, `unavailable` after the last try, `cancelled`
 */
export async function download(what: Download, step: Step): Promise<number> {
  const agent = new Agent({
    connect: { timeout: 15_000, ...(what.allowPrivate ? {} : { lookup: publicLookup }) },
    headersTimeout: 30_000,
    bodyTimeout: 60_000,
  });
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await attemptDownload(what, agent, step);
      } catch (error) {
        const problem = problemOf(error, step.signal, what.url);
        if (problem.code !== 'unavailable' || attempt >= mostTries) throw problem;
        await pause(250 * 2 ** attempt, undefined, { signal: step.signal });
      }
    }
  } catch (error) {
    throw asProblem(error);
  } finally {
    await agent.destroy();
  }
}

async function attemptDownload(what: Download, agent: Agent, step: Step): Promise<number> {
  const have = await sizeOf(what.file);
  const { response, url } = await follow(what, agent, have, step.signal);
  const { statusCode, headers, body } = response;
  // 416: nothing lies behind what we have, so it is whole; its digest is checked next.
  if (statusCode === 416 && have > 0) {
    await body.dump();
    return have;
  }
  if (statusCode !== 200 && statusCode !== 206) {
    await body.dump();
    throw answerProblem(url, statusCode);
  }
  const start = statusCode === 206 ? rangeStart(headers['content-range'], have) : 0;
  if (start !== have) await truncate(what.file, start);
  const length = Number(headers['content-length'] ?? Number.NaN);
  const total = Number.isFinite(length) ? start + length : 0;
  const room = await requireRoom(what.dir, Number.isFinite(length) ? length : 1, 'images.errors.noRoom');
  let done = start;
  const count = new Transform({
    transform(block: Buffer, _encoding, next) {
      done += block.length;
      step.progress?.(done, Math.max(total, done));
      // A sender that names no length, or a wrong one, must not fill the disk.
      const fits = done - start <= room;
      next(fits ? null : new Problem('no_space', 'problems.diskFull'), fits ? block : undefined);
    },
  });
  await pipeline(body, count, createWriteStream(what.file, { flags: 'a', mode: 0o600 }), {
    signal: step.signal,
  });
  if (total > 0 && done < total)
    throw new Problem('unavailable', 'images.errors.urlCut', { url, done, total });
  return done;
}

/** Follows redirects by hand, so that every hop is checked. */
async function follow(
  what: Download,
  agent: Agent,
  have: number,
  signal: AbortSignal,
): Promise<{ response: Dispatcher.ResponseData; url: string }> {
  let url = new URL(what.url);
  for (let hops = 0; hops <= mostRedirects; hops += 1) {
    requireFetchable(url, what.allowPrivate);
    const response = await request(url, {
      dispatcher: agent,
      signal,
      headers: {
        'user-agent': 'edgeyard',
        'accept-encoding': 'identity',
        ...(have > 0 ? { range: `bytes=${have}-` } : {}),
      },
    });
    const { location } = response.headers;
    const moved = [301, 302, 303, 307, 308].includes(response.statusCode);
    if (!moved || typeof location !== 'string') return { response, url: url.href };
    await response.body.dump();
    url = new URL(location, url);
  }
  throw new Problem('invalid', 'images.errors.urlRedirects', { limit: mostRedirects });
}

function answerProblem(url: string, status: number): Problem {
  // Busy servers say so; the same question later may be answered.
  const later = status === 429 || status >= 500;
  return new Problem(later ? 'unavailable' : 'invalid', 'images.errors.urlAnswer', { url, status });
}

function rangeStart(header: string | string[] | undefined, have: number): number {
  const start = /^bytes (\d+)-/.exec(String(header))?.[1];
  if (start === undefined || Number(start) > have) {
    throw new Problem('invalid', 'images.errors.urlRange', { range: String(header) });
  }
  return Number(start);
}

function problemOf(error: unknown, signal: AbortSignal, url: string): Problem {
  if (signal.aborted) return new Problem('cancelled', 'problems.cancelled', {}, { cause: error });
  const inner = error instanceof Error && isProblem(error.cause) ? error.cause : error;
  if (isProblem(inner)) return inner;
  const known = asProblem(error);
  if (known.code === 'no_space') return known;
  const detail = error instanceof Error ? error.message : String(error);
  return new Problem('unavailable', 'images.errors.urlUnreachable', { url }, { detail, cause: error });
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}
