/** Images on a Docker host: which are there, and fetching more. */
import type { KeyBelow } from '@/messages/messages';
import { Problem } from '../../problem';
import type { Call, SiteEvent } from '../site';
import type { ImageCache, PullAccess } from '../workloads';
import { asked, isGone, wordsOf, type Engine } from './engine';

/** One line of what the engine says while it pulls. */
interface PullLine {
  id?: string;
  status?: string;
  error?: string;
  progressDetail?: { current?: number; total?: number };
}

/** The images of an engine as the port has them. */
export function imageCache(engine: Engine): ImageCache {
  return {
    async held({ signal }) {
      const images = await asked(
        engine,
        signal,
        engine.docker.listImages({ digests: true, ...(signal && { abortSignal: signal }) }),
      );
      const digests = new Set(
        images.flatMap(({ RepoDigests }) => (RepoDigests ?? []).flatMap((name) => name.split('@')[1] ?? [])),
      );
      return { digests: [...digests].map((digest) => ({ digest, nodes: 1 })), complete: true, nodes: 1 };
    },
    async pull(images, pull, call) {
      for (const [index, image] of images.entries()) {
        await ensureImage(engine, image, pull, call);
        call.progress?.(index + 1, images.length);
      }
    },
  };
}

/**
 * Has the engine fetch an image that is not there, and proves that it is what was asked for.
 *
 * @param image `repository@sha256:…`
 * @throws Problem `failed` with the reason the engine gave
 */
export async function ensureImage(
  engine: Engine,
  image: string,
  pull: PullAccess | undefined,
  call: Call & { report?: (event: SiteEvent) => void },
): Promise<void> {
  if (await isHeld(engine, image, call.signal)) {
    call.report?.({ event: 'imageHeld', params: { image } });
    return;
  }
  call.report?.({ event: 'imagePulling', params: { image } });
  const started = Date.now();
  await pullImage(engine, image, pull, call.signal);
  if (!(await isHeld(engine, image, call.signal))) {
    throw new Problem('failed', 'workloads.errors.otherDigest', { image, at: engine.at });
  }
  call.report?.({ event: 'imagePulled', params: { image, ms: Date.now() - started } });
}

async function isHeld(engine: Engine, image: string, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    const { RepoDigests } = await engine.docker.getImage(image).inspect();
    const digest = image.split('@')[1];
    return digest === undefined || RepoDigests.some((name) => name.endsWith(`@${digest}`));
  } catch (error) {
    if (isGone(error)) return false;
    return asked(engine, signal, Promise.reject(error as Error));
  }
}

async function pullImage(
  engine: Engine,
  image: string,
  pull: PullAccess | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const login = pull?.login && image.startsWith(`${pull.address}/`) ? pull.login : undefined;
  const options = {
    ...(login && {
      authconfig: { username: login.user, password: login.password, serveraddress: pull?.address ?? '' },
    }),
    ...(signal && { abortSignal: signal }),
  };
  try {
    const stream = await engine.docker.pull(image, options);
    const error = await lastError(stream);
    signal?.throwIfAborted();
    if (error !== undefined) throw pullProblem(error, image, engine.at);
  } catch (error) {
    signal?.throwIfAborted();
    if (hasStatus(error)) throw pullProblem(wordsOf(error), image, engine.at);
    return asked(engine, signal, Promise.reject(error as Error));
  }
}

function hasStatus(error: unknown): boolean {
  return error instanceof Error && 'statusCode' in error;
}

/** Reads what the engine says to its end. @returns the error in it, which comes with the status 200 */
async function lastError(stream: NodeJS.ReadableStream): Promise<string | undefined> {
  let rest = '';
  let error: string | undefined;
  for await (const chunk of stream) {
    const texts = (rest + String(chunk)).split('\n');
    rest = texts.pop() ?? '';
    for (const text of texts) {
      if (text.trim() !== '') error = (JSON.parse(text) as PullLine).error ?? error;
    }
  }
  return error;
}

/** Docker's words for why an image could not be pulled, sorted by who can mend it. */
function pullProblem(words: string, image: string, at: string): Problem {
  const registry = image.split('/')[0] ?? image;
  const params = { image, registry, at };
  const rules: [RegExp, KeyBelow<'workloads.errors'>][] = [
    [/HTTP response to HTTPS client/i, 'imagePlainHttp'],
    [/x509|certificate/i, 'imageUntrusted'],
    [/unauthorized|authentication required|no basic auth|denied/i, 'imageForbidden'],
    [/manifest unknown|not found|name unknown/i, 'imageMissing'],
    [
      /connection refused|no route to host|i\/o timeout|no such host|deadline exceeded|Timeout/i,
      'imageRegistryAway',
    ],
    [/no space left/i, 'hostFull'],
  ];
  const key = rules.find(([rule]) => rule.test(words))?.[1] ?? 'imagePull';
  const code = key === 'hostFull' ? 'no_space' : 'failed';
  return new Problem(code, `workloads.errors.${key}`, params, { detail: words });
}
