/** HTTP to the store of somebody else, in words of ours, with downloads that go on after a cut. */
import type { KeyBelow } from '@/messages/messages';
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import type { z } from 'zod';
import { spaceOf } from '../disk-space';
import { jsonOf, openHttpClient } from '../http-client';
import { wireFault } from '../oci/faults';
import type { RegistryFault } from '../oci/oci';
import { asProblem, isProblem, Problem } from '../problem';
import type { Call } from '../sites/site';

const mostTries = 5;

export interface StoreHttpAccess {
  url: string;
  ca: string | undefined;
  token: string | undefined;
  /** The header that carries the token. */
  tokenHeader: (token: string) => Record<string, string>;
}

interface DownloadCall extends Call {
  /** Most bytes that the file may have; absent: as many as the disk has room for. */
  most?: number | undefined;
  progress?: ((done: number, total: number) => void) | undefined;
}

export interface StoreHttp {
  /** Host and port, for words. */
  host: string;
  /** @throws Problem of `sync.errors.*`, `unavailable` for what may pass */
  json<Schema extends z.ZodType>(path: string, schema: Schema, call: Call): Promise<z.output<Schema>>;
  /** Headers of a path without its body; undefined for what is not there. @throws Problem of `sync.errors.*` */
  head(path: string, call: Call): Promise<Record<string, string> | undefined>;
  /**
   * Downloads into a file; what lies there are the first bytes. A cut connection is taken up where it broke.
   *
   * @throws Problem of `sync.errors.*`: `too_large` and `no_space` before the file has a byte too many; what came stays in
   *   the file
   */
  download(path: string, target: string, call: DownloadCall): Promise<void>;
  close(): Promise<void>;
}

/** Opens the way to a store; nothing is asked yet. */
export function openStoreHttp({ url, ca, token, tokenHeader }: StoreHttpAccess): StoreHttp {
  const { host } = new URL(url);
  const client = openHttpClient({
    url,
    ca,
    connections: 8,
    headers: {
      'user-agent': 'edgeyard',
      // A digest is of the bytes as they lie there.
      'accept-encoding': 'identity',
      ...(token === undefined ? {} : tokenHeader(token)),
    },
    broken: (error) => asStoreProblem(error, host, undefined),
    tooLong: () => new Problem('unavailable', 'sync.errors.storeNonsense', { host }),
  });

  return {
    host,
    async json(path, schema, call) {
      const { signal } = call;
      const answer = await client.ask({ path, signal, headers: { accept: 'application/json' } });
      if (answer.statusCode !== 200) {
        await answer.body.dump();
        throw answerProblem(host, answer.statusCode);
      }
      const read = schema.safeParse(jsonOf(await client.text(answer, signal)));
      if (!read.success) throw new Problem('unavailable', 'sync.errors.storeNonsense', { host });
      return read.data;
    },
    async head(path, call) {
      const { statusCode, body, headers } = await client.ask({ method: 'HEAD', path, signal: call.signal });
      await body.dump();
      if (statusCode === 404 || statusCode === 410) return undefined;
      if (statusCode !== 200) throw answerProblem(host, statusCode);
      return flat(headers);
    },
    async download(path, target, call) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          const { signal } = call;
          await receive((headers) => client.ask({ path, signal, headers }), target, host, call);
          return;
        } catch (error) {
          const problem = asStoreProblem(error, host, call.signal);
          if (!mayPass(problem) || attempt >= mostTries) throw problem;
          await pause(250 * 2 ** attempt, undefined, { signal: call.signal });
        }
      }
    },
    close: () => client.close(),
  };
}

/** What may be otherwise a moment later; a store that never answered is told at once. */
const mayPass = ({ code, key }: Problem) =>
  code === 'unavailable' && /\.store(Cut|Timeout|Answer)$/.test(key);

/** One try of a download: what the file has already is not asked for again. */
async function receive(
  ask: (headers: Record<string, string>) => Promise<Dispatcher.ResponseData>,
  target: string,
  host: string,
  { signal, most = Number.POSITIVE_INFINITY, progress }: DownloadCall,
): Promise<void> {
  const have = (await stat(target).catch(() => undefined))?.size ?? 0;
  const { statusCode, headers, body } = await ask(have > 0 ? { range: `bytes=${have}-` } : {});
  if (statusCode === 416 && have > 0) {
    // Nothing lies behind what is here: it is whole, and its digest is compared next.
    await body.dump();
    return;
  }
  if (statusCode !== 200 && statusCode !== 206) {
    await body.dump();
    throw answerProblem(host, statusCode);
  }
  const start = statusCode === 206 ? have : 0;
  const length = Number(headers['content-length'] ?? Number.NaN);
  const total = Number.isFinite(length) ? start + length : 0;
  // What is sent from its start takes the place of what is here.
  const room = (await spaceOf(dirname(target))).usable + have;
  const against = (size: number) => {
    if (size > most) return new Problem('too_large', 'sync.errors.tooLarge', { host, limit: most });
    return size > room ? new Problem('no_space', 'sync.errors.noRoom', { needed: size, usable: room }) : null;
  };
  const refusal = against(total);
  if (refusal) {
    // Nobody reads it, so nobody else would hear that it ended early.
    body.on('error', () => {}).destroy();
    throw refusal;
  }
  let done = start;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      done += chunk.length;
      progress?.(done, Math.max(total, done));
      // A store that names no length, or a wrong one, must not fill the disk.
      next(against(done), chunk);
    },
  });
  const file = createWriteStream(target, { flags: start > 0 ? 'a' : 'w', mode: 0o600 });
  await pipeline(body, count, file, { signal });
  if (done < total) throw new Problem('unavailable', 'sync.errors.storeCut', { host });
}

function answerProblem(host: string, status: number): Problem {
  if (status === 401) return new Problem('forbidden', 'sync.errors.storeUnauthorized', { host });
  if (status === 403) return new Problem('forbidden', 'sync.errors.storeForbidden', { host });
  if (status === 404 || status === 410) return new Problem('gone', 'sync.errors.storeMissing', { host });
  // Busy servers say so; the same question later may be answered.
  const later = status === 429 || status >= 500;
  return new Problem(later ? 'unavailable' : 'failed', 'sync.errors.storeAnswer', { host, status });
}

const words: Partial<Record<RegistryFault, KeyBelow<'sync.errors'>>> = {
  dns: 'storeDns',
  unreachable: 'storeUnreachable',
  tls: 'storeTls',
  timeout: 'storeTimeout',
  cut: 'storeCut',
};

/** What went wrong on the way, in words; problems come back as they are. */
function asStoreProblem(error: unknown, host: string, signal: AbortSignal | undefined): Problem {
  const known = asProblem(error);
  if (isProblem(error) || known.code === 'no_space') return known;
  const { fault, message } = wireFault(error, `//${host}`, signal);
  if (fault === 'cancelled') return new Problem('cancelled', 'problems.cancelled', {}, { cause: error });
  const key = `sync.errors.${words[fault] ?? 'storeCut'}` as const;
  return new Problem('unavailable', key, { host }, { detail: message, cause: error });
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}
