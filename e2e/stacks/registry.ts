import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestCa } from './certificates';
import type { TokenServer } from './token-server';

/** One line of a registry's access log. */
export interface RegistryRequest {
  method: string;
  /** With its query. */
  path: string;
  status: number;
  /** Bytes of the answer's body. */
  bytes: number;
}

export interface RegistryOptions {
  /** The authority that issues the registry's certificate; without one it speaks plain HTTP. */
  tls?: TestCa;
  /** Login by HTTP Basic: user names with their passwords. */
  htpasswd?: Record<string, string>;
  /** Login by tokens of this server (Bearer). Not together with `htpasswd`. */
  token?: TokenServer;
  /** Whether manifests and blobs may be deleted; they may unless this is false. */
  delete?: boolean;
  /** Folder of its contents, which then outlives the registry; without one a temporary folder. */
  dir?: string;
  /** TCP port; without one a free one. */
  port?: number;
  /** Address to listen at: 127.0.0.1; 10.89.0.1 is the one that the test clusters' nodes reach. */
  host?: string;
  /** Bytes its contents may have before its disk is full. Needs root, to mount a file system of that size. */
  diskBytes?: number;
}

/** A running docker-registry: the real server, as a child of the test. */
export interface TestRegistry {
  /** `host:port`, as in the name of an image. */
  address: string;
  /** The address with its scheme. */
  url: string;
  port: number;
  /** Folder of its contents, as docker-registry lays them out. */
  dir: string;
  /** All requests so far, from its access log. A request is logged just after its answer: poll for the last one. */
  requests: () => RegistryRequest[];
  /** Forgets the requests so far. */
  forget: () => void;
  /** Ends it without a chance to finish anything, as a crash does; `restart` brings it back. */
  kill: () => Promise<void>;
  /** Starts it again at the same address with the same contents. */
  restart: () => Promise<void>;
  /** Ends it and removes what is temporary. */
  stop: () => Promise<void>;
}

/** Starts a docker-registry and waits until it answers. */
export async function startRegistry(options: RegistryOptions = {}): Promise<TestRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'edgeyard-registry-'));
  const host = options.host ?? '127.0.0.1';
  const port = options.port ?? (await freePort(host));
  const dir = options.dir ?? join(folder, 'contents');
  mkdirSync(dir, { recursive: true });
  if (options.diskBytes !== undefined)
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${String(options.diskBytes)}`, 'tmpfs', dir]);
  const config = join(folder, 'config.json');
  writeFileSync(config, JSON.stringify(configuration(options, { folder, host, port, dir })), { mode: 0o600 });
  const log = join(folder, 'access.log');
  let child = await start(config, log, { host, port });
  let forgotten = 0;
  const read = () => parseAccessLog(readFileSync(log, 'utf8'));
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  return {
    address: `${host}:${String(port)}`,
    url: `${options.tls ? 'https' : 'http'}://${host}:${String(port)}`,
    port,
    dir,
    requests: () => read().slice(forgotten),
    forget: () => {
      forgotten = read().length;
    },
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGKILL');
      child = await start(config, log, { host, port });
    },
    stop: async () => {
      await end('SIGTERM');
      if (options.diskBytes !== undefined) execFileSync('umount', [dir]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Place {
  folder: string;
  host: string;
  port: number;
  dir: string;
}

/** Its configuration file, which is YAML and so may be JSON. */
function configuration(options: RegistryOptions, { folder, host, port, dir }: Place): object {
  const certificate = options.tls?.issue([host, 'localhost']);
  return {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: false } },
    storage: {
      filesystem: { rootdirectory: dir },
      delete: { enabled: options.delete ?? true },
      // What an interrupted upload leaves is a test's matter, not a timer's.
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: {
      addr: `${host}:${String(port)}`,
      // Signs the state in upload addresses: must be the same after a restart.
      secret: randomBytes(16).toString('hex'),
      ...(certificate && { tls: { certificate: certificate.certificateFile, key: certificate.keyFile } }),
    },
    ...(options.htpasswd && {
      auth: { htpasswd: { realm: 'edgeyard-test', path: passwordFile(folder, options.htpasswd) } },
    }),
    ...(options.token && { auth: { token: options.token.registrySettings } }),
  };
}

/** docker-registry reads bcrypt only, which Perl's crypt makes on every Debian. */
function passwordFile(folder: string, users: Record<string, string>): string {
  const lines = Object.entries(users).map(([name, password]) => {
    const salt = `$2b$05$${randomBytes(11).toString('hex')}`;
    const hash = execFileSync('perl', ['-e', 'print crypt(<STDIN>, $ARGV[0])', salt], { input: password });
    return `${name}:${hash.toString()}`;
  });
  const path = join(folder, 'htpasswd');
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 });
  return path;
}

async function start(config: string, log: string, at: { host: string; port: number }): Promise<ChildProcess> {
  const output = openSync(log, 'a');
  const child = spawn('docker-registry', ['serve', config], {
    stdio: ['ignore', output, output],
    // Names of our own variables could be taken for settings, which it reads from REGISTRY_… as well.
    env: { PATH: process.env.PATH, NODE_ENV: 'test' },
  });
  closeSync(output);
  const endWithTest = () => child.kill('SIGKILL');
  process.once('exit', endWithTest);
  child.once('exit', () => process.off('exit', endWithTest));
  await once(child, 'spawn');
  while (!(await answers(at))) {
    if (child.exitCode !== null)
      throw new Error(`docker-registry ended: ${readFileSync(log, 'utf8').slice(-800)}`);
    await pause(20);
  }
  return child;
}

function answers(at: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(at.port, at.host);
    const tell = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => {
      tell(true);
    });
    socket.once('error', () => {
      tell(false);
    });
  });
}

async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  return address.port;
}

/** Apache's combined format: host - - [time] "METHOD path HTTP/x" status bytes "referrer" "agent". */
function parseAccessLog(text: string): RegistryRequest[] {
  return [...text.matchAll(/"([A-Z]+) (\S+) HTTP\/[\d.]+" (\d{3}) (\d+)/g)].map(
    ([, method = '', path = '', status, bytes]) => ({
      method,
      path,
      status: Number(status),
      bytes: Number(bytes),
    }),
  );
}
