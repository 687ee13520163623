import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Log } from '../log';
import { Problem } from '../problem';
import { registryConfig } from './bundled-config';
import { childLog } from './child-log';
import { endRecorded, recordChild } from './child-record';
import type { RegistryState } from './schemas';
import type { TokenSigner } from './token-signer';

const program = 'docker-registry';
/** How long it may take until it answers; on a busy disk it reads its whole upload list first. */
const startLimitMs = 60_000;
const firstPauseMs = 250;
const longestPauseMs = 30_000;

/** Files of the bundled registry, all in one folder of the data folder. */
export function bundledPaths(dir: string) {
  return {
    contents: join(dir, 'contents'),
    config: join(dir, 'config.json'),
    certificate: join(dir, 'tokens.pem'),
    record: join(dir, 'process.json'),
    collector: join(dir, 'collector.json'),
    port: join(dir, 'port'),
    held: join(dir, 'held'),
  };
}
export type BundledPaths = ReturnType<typeof bundledPaths>;

export interface BundledOptions {
  dir: string;
  host: string;
  /** `host:port` as others name it, where that is another. */
  address?: string | undefined;
  /** 0: any free one, which is then kept. */
  port: number;
  signer: TokenSigner;
  /** Secret with which it signs the state of uploads: kept, so that an upload goes on after a restart. */
  uploadSecret: string;
  log: Log;
  /** Is told whenever state or problem changed. */
  changed: () => void;
}

/** The docker-registry that we run. */
export interface BundledProcess {
  readonly paths: BundledPaths;
  state(): { state: RegistryState; problem: Problem | undefined; since: number };
  facts(): { pid: number | undefined; restarts: number; log: { at: number; line: string }[] };
  /** `http://host:port` for ourselves, once its port is known. */
  url(): string | undefined;
  /** `host:port` as others name it. */
  address(): string | undefined;
  /** Version of the program; undefined when it is not installed. */
  version(): Promise<string | undefined>;
  /** Starts it, and again whenever it ends. @param realm where clients fetch tokens */
  start(realm: string): void;
  /**
   * Resolves when it answers.
   *
   * @throws Problem `unavailable` with its last words, or once it is stopped; the signal's reason
   */
  ready(signal?: AbortSignal): Promise<void>;
  /** Starts it anew, taking pushes or not, and waits until it answers. @throws Problem `unavailable` */
  restart(readOnly: boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Prepares the registry's folder; nothing runs before `start`. */
export function openBundledProcess(options: BundledOptions): BundledProcess {
  const paths = bundledPaths(options.dir);
  mkdirSync(paths.contents, { recursive: true, mode: 0o700 });
  writeFileSync(paths.certificate, options.signer.certificate, { mode: 0o600 });
  const log = childLog((line) => options.log.debug({ line }, 'registry'));

  let realm: string | undefined;
  let readOnly = false;
  let child: ChildProcess | undefined;
  let url: string | undefined;
  let restarts = 0;
  let standing: { state: RegistryState; problem: Problem | undefined; since: number } = {
    state: 'starting',
    problem: undefined,
    since: Date.now(),
  };
  /** Replaced whenever the child is to be ended on purpose; the loop below then begins anew without a pause. */
  let turn = new AbortController();
  let running: Promise<void> | undefined;
  let stopped = false;
  const waiting = new Set<() => void>();

  function stand(state: RegistryState, problem?: Problem): void {
    if (standing.state === state && standing.problem?.detail === problem?.detail) return;
    standing = { state, problem, since: Date.now() };
    for (const wake of waiting) wake();
    options.changed();
  }

  async function run(): Promise<void> {
    let delay = firstPauseMs;
    await endRecorded(paths.record);
    for (;;) {
      const { signal } = turn;
      const { problem, answered } = await runOnce(signal);
      if (stopped) return;
      if (signal.aborted) continue;
      restarts += 1;
      if (problem.key !== standing.problem?.key || answered)
        options.log.warn(
          { problem: problem.key, detail: problem.detail },
          'the bundled registry ended; it is started again',
        );
      // One that worked is back in a moment: who asks meanwhile waits for it.
      stand(answered ? 'starting' : 'unavailable', problem);
      delay = answered ? firstPauseMs : Math.min(delay * 2, longestPauseMs);
      await pause(delay, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Starts the child and resolves when it has ended, with what it left to say. */
  async function runOnce(signal: AbortSignal): Promise<{ problem: Problem; answered: boolean }> {
    const port = await portFor(options, paths.port);
    // Who listens at every address is asked at the nearest.
    url = `http://${bracketed(isWildcard(options.host) ? 'localhost' : options.host)}:${port}`;
    const config = registryConfig({
      host: options.host,
      port,
      contents: paths.contents,
      realm: realm ?? '',
      certificateFile: paths.certificate,
      issuer: options.signer.issuer,
      readOnly,
    });
    writeFileSync(paths.config, JSON.stringify(config), { mode: 0o600 });
    const started = spawn(program, ['serve', paths.config], {
      cwd: options.dir,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Our own environment may hold secrets, and the registry takes its settings out of variables too.
      env: {
        PATH: process.env['PATH'],
        LANG: 'C',
        REGISTRY_HTTP_SECRET: options.uploadSecret,
      } as unknown as NodeJS.ProcessEnv,
    });
    child = started;
    for (const stream of [started.stdout, started.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => log.take(chunk));
    }
    const ended = endOf(started);
    if (started.pid !== undefined) recordChild(paths.record, started.pid);
    const end = () => started.kill('SIGTERM');
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    const gone = new AbortController();
    const answering = answers(url, realm ?? '', AbortSignal.any([signal, gone.signal]));
    const answered = await Promise.race([answering, ended.then(() => false)]);
    if (answered) stand('ready');
    const how = await ended;
    signal.removeEventListener('abort', end);
    gone.abort();
    await answering;
    child = undefined;
    const problem = how.includes('ENOENT')
      ? new Problem('unavailable', 'registries.errors.noProgram', { program })
      : new Problem('unavailable', 'registries.errors.bundledEnded', {}, { detail: log.lastWords() ?? how });
    return { problem, answered };
  }

  return {
    paths,
    state: () => standing,
    facts: () => ({ pid: child?.pid, restarts, log: log.lines() }),
    url: () => url,
    address() {
      if (options.address !== undefined || url === undefined) return options.address;
      const { host, port } = new URL(url);
      return isWildcard(options.host) && realm !== undefined ? `${new URL(realm).hostname}:${port}` : host;
    },
    version: programVersion,
    start(where) {
      realm = where;
      stopped = false;
      running ??= run().catch((error: unknown) => {
        options.log.error({ err: error }, 'the bundled registry cannot be run');
        stand(
          'unavailable',
          new Problem('unavailable', 'registries.errors.bundledEnded', {}, { cause: error }),
        );
      });
    },
    async ready(signal) {
      for (;;) {
        signal?.throwIfAborted();
        if (stopped) throw new Problem('unavailable', 'registries.errors.bundledEnded');
        if (standing.state === 'ready') return;
        if (standing.state === 'unavailable' && standing.problem) throw standing.problem;
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake);
            signal?.removeEventListener('abort', wake);
            resolve();
          };
          waiting.add(wake);
          signal?.addEventListener('abort', wake, { once: true });
        });
      }
    },
    async restart(only) {
      readOnly = only;
      stand('starting');
      const before = turn;
      turn = new AbortController();
      before.abort();
      await this.ready();
    },
    async stop() {
      stopped = true;
      for (const wake of waiting) wake();
      turn.abort();
      await running;
      running = undefined;
      await endRecorded(paths.record);
    },
  };
}

const isWildcard = (host: string) => host === '0.0.0.0' || host === '::';
const bracketed = (host: string) => (host.includes(':') ? `[${host}]` : host);

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, name) => resolve(name === null ? `exit code ${code}` : `killed by ${name}`));
  });
}

/** Asks until the registry answers; false when it took too long. */
async function answers(url: string, realm: string, signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(startLimitMs)]);
  while (!limit.aborted) {
    const answer = await fetch(`${url}/v2/`, { signal: limit }).catch(() => undefined);
    await answer?.body?.cancel();
    // It asks for a token of ours, so it is the one that we started and no stranger at the same port.
    if (answer?.status === 401 && answer.headers.get('www-authenticate')?.includes(realm) === true)
      return true;
    await pause(25, undefined, { signal: limit }).catch(() => undefined);
  }
  return false;
}

/** The port of the configuration, or the one that was free at the first start. */
async function portFor({ host, port }: BundledOptions, file: string): Promise<number> {
  if (port !== 0) return port;
  const kept = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : 0;
  if (kept > 0) return kept;
  const probe = createServer().listen(0, host);
  await once(probe, 'listening');
  const found = (probe.address() as AddressInfo).port;
  probe.close();
  await once(probe, 'close');
  writeFileSync(file, `${found}\n`);
  return found;
}

async function programVersion(): Promise<string | undefined> {
  const { stdout } = await promisify(execFile)(program, ['--version']).catch(() => ({ stdout: '' }));
  // `docker-registry github.com/docker/distribution 2.8.2+ds1`
  return stdout.trim().split(' ').at(-1) || undefined;
}
