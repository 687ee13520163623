import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { testCa } from '../certificates';

/** Where Docker hosts and clusters' nodes reach this machine: a registry for them listens here. */
const registryAddress = '10.89.0.1';

export interface DockerOptions {
  /** Registries that may speak HTTP or show an unknown certificate: addresses or ranges; 10.89.0.1 unless told. */
  insecure?: string[];
}

/** A Docker host of a test's own: a real engine with bridge networks, in namespaces of this machine. */
export interface DockerHost {
  /** Of the host; published ports of containers are reached here. */
  address: string;
  /** Path of the engine's socket on this machine. */
  socket: string;
  /** The engine over TCP with TLS, as `docker --tlsverify`: PEM texts. */
  tcp: { host: string; port: number; ca: string; cert: string; key: string };
  /** Login by ssh as root; the engine's socket is /run/docker.sock there. */
  ssh: { host: string; port: number; username: string; privateKey: string; hostKey: string };
  /** Lets the engine pull from a registry whose certificate this authority (PEM) issued. */
  trust: (registry: string, ca: string) => void;
  /** Ends the host as a power cut does; `restart` brings it back with its images and containers. */
  kill: () => Promise<void>;
  restart: () => Promise<void>;
  /** Ends it and removes all of it. */
  stop: () => Promise<void>;
}

/** Starts a Docker host and waits until its engine answers. Needs root. */
export async function startDocker(options: DockerOptions = {}): Promise<DockerHost> {
  // Not the temporary folder: the engine's overlays do not work on every file system that may be mounted there.
  const dir = mkdtempSync('/var/lib/edgeyard-docker-');
  const number = freeNumber();
  const place: Place = { dir, number, network: `10.89.${String(100 + number)}` };
  const address = `${place.network}.2`;
  for (const name of ['certs.d', 'data']) mkdirSync(join(dir, name));
  mkdirSync('/etc/docker/certs.d', { recursive: true });
  const tcp = makeCertificates(dir, address);
  const ssh = makeSshLogin(dir, address);
  let child = await startHost(place, options);
  const end = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await removeTraces(place);
  };
  return {
    address,
    socket: join(dir, 'docker.sock'),
    tcp,
    ssh,
    trust: (registry, ca) => {
      mkdirSync(join(dir, 'certs.d', registry), { recursive: true });
      writeFileSync(join(dir, 'certs.d', registry, 'ca.crt'), ca);
    },
    kill: end,
    restart: async () => {
      await end();
      child = await startHost(place, options);
    },
    stop: async () => {
      await end();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

interface Place {
  dir: string;
  number: number;
  /** First three bytes of the addresses between this machine (.1) and the Docker host (.2). */
  network: string;
}

function freeNumber(): number {
  const taken = Object.keys(networkInterfaces());
  const number = [1, 2, 3, 4, 5, 6, 7, 8, 9].find((candidate) => !taken.includes(`eyd${String(candidate)}`));
  if (number === undefined) throw new Error('nine Docker hosts run already: ip link');
  return number;
}

async function startHost({ dir, number, network }: Place, options: DockerOptions): Promise<ChildProcess> {
  const engine = settings({
    'data-root': join(dir, 'data'),
    'exec-root': '/run/docker',
    pidfile: '/run/docker.pid',
    host: [`unix://${join(dir, 'docker.sock')}`, 'unix:///run/docker.sock', `tcp://${network}.2:2376`],
    tlscacert: join(dir, 'ca.crt'),
    tlscert: join(dir, 'server.crt'),
    tlskey: join(dir, 'server.key'),
    'cgroup-parent': `/edgeyard-test-docker${String(number)}`,
    bip: '172.31.255.1/24',
    'insecure-registry': options.insecure ?? [`${registryAddress}/32`],
  });
  const namespaces = [
    '--net',
    '--mount',
    '--pid',
    '--ipc',
    '--uts',
    '--fork',
    '--kill-child=SIGKILL',
    '--mount-proc',
  ];
  const main = fileURLToPath(new URL('host-main.sh', import.meta.url));
  const child = spawn(
    'unshare',
    [...namespaces, '--propagation', 'private', 'bash', main, '--tlsverify', ...engine],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        NODE_ENV: 'test',
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        NAME: `docker${String(number)}`,
        DIR: dir,
        ADDRESS: `${network}.2`,
        GATEWAY: `${network}.1`,
        REGISTRY_ADDRESS: registryAddress,
      },
    },
  );
  const endWithTest = () => child.kill('SIGKILL');
  process.once('exit', endWithTest);
  child.once('exit', () => process.off('exit', endWithTest));
  await once(child, 'spawn');
  try {
    await connectHost(child, number, network);
    await untilEngineAnswers(child, dir);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return child;
}

function settings(of: Record<string, string | string[]>): string[] {
  return Object.entries(of).flatMap(([name, values]) => [values].flat().map((value) => `--${name}=${value}`));
}

/** The interface pair: one end here, the other in the host's namespace. */
async function connectHost(child: ChildProcess, number: number, network: string): Promise<void> {
  const pid = String(child.pid);
  const ownNetwork = () => readlinkSync(`/proc/${pid}/ns/net`) !== readlinkSync('/proc/self/ns/net');
  while (child.exitCode === null && !ownNetwork()) await pause(10);
  const name = `eyd${String(number)}`;
  ip('addr', 'replace', `${registryAddress}/32`, 'dev', 'lo');
  ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', pid);
  ip('addr', 'add', `${network}.1/24`, 'dev', name);
  ip('link', 'set', name, 'up');
}

async function untilEngineAnswers(child: ChildProcess, dir: string): Promise<void> {
  const ping = () =>
    new Promise<boolean>((resolve) => {
      request({ socketPath: join(dir, 'docker.sock'), path: '/_ping' }, (answer) => {
        answer.resume();
        resolve(answer.statusCode === 200);
      })
        .on('error', () => {
          resolve(false);
        })
        .end();
    });
  const deadline = Date.now() + 60_000;
  while (!(await ping())) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(
        `dockerd does not answer: ${readFileSync(join(dir, 'dockerd.log'), 'utf8').slice(-1500)}`,
      );
    await pause(50);
  }
}

/** What a killed host leaves outside its namespaces: the interface and empty control groups. */
async function removeTraces({ number }: Place): Promise<void> {
  const name = `eyd${String(number)}`;
  const group = `edgeyard-test-docker${String(number)}`;
  const remove = `ip link del ${name} 2>/dev/null
    for group in /sys/fs/cgroup/${group} /sys/fs/cgroup/*/${group}; do
      [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + || exit 1
    done`;
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      execFileSync('sh', ['-c', remove], { stdio: 'ignore' });
      if (!(name in networkInterfaces())) return;
    } catch {
      // Processes that were just killed are still in their group.
    }
    await pause(100);
  }
  throw new Error(`the Docker host ${name} left traces`);
}

function makeCertificates(dir: string, address: string): DockerHost['tcp'] {
  const ca = testCa(dir);
  const read = (path: string) => readFileSync(path, 'utf8');
  const server = ca.issue([address]);
  const client = ca.issue(['edgeyard-client']);
  writeFileSync(join(dir, 'server.crt'), read(server.certificateFile));
  writeFileSync(join(dir, 'server.key'), read(server.keyFile), { mode: 0o600 });
  const texts = { ca: ca.certificate, cert: read(client.certificateFile), key: read(client.keyFile) };
  return { host: address, port: 2376, ...texts };
}

function makeSshLogin(dir: string, address: string): DockerHost['ssh'] {
  const makeKey = (name: string) => {
    execFileSync('ssh-keygen', [
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-C',
      'edgeyard-test',
      '-f',
      join(dir, name),
    ]);
    return readFileSync(join(dir, `${name}.pub`), 'utf8').trim();
  };
  const hostKey = makeKey('host');
  writeFileSync(join(dir, 'authorized_keys'), `${makeKey('login')}\n`);
  // sshd refuses keys below a folder that others could write to.
  chmodSync(dir, 0o700);
  const lines = {
    ListenAddress: address,
    HostKey: join(dir, 'host'),
    AuthorizedKeysFile: join(dir, 'authorized_keys'),
    PermitRootLogin: 'prohibit-password',
    PasswordAuthentication: 'no',
    UsePAM: 'no',
    PidFile: '/run/sshd.pid',
  };
  writeFileSync(
    join(dir, 'sshd_config'),
    Object.entries(lines)
      .map(([name, value]) => `${name} ${value}\n`)
      .join(''),
  );
  return {
    host: address,
    port: 22,
    username: 'root',
    privateKey: readFileSync(join(dir, 'login'), 'utf8'),
    hostKey,
  };
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
