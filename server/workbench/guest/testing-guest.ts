/** A guest for tests: an SSH server in this process, with SFTP and a shell in a folder of its own. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type Connection, type Session } from 'ssh2';
import { newKeyPair } from '../keys';
import type { GuestAccess } from './ssh';
import { serveSftp, versionWithExtensions, type RawChannel, type SftpFaults } from './testing-sftp';

export interface TestGuest {
  /** The login's home: a real folder. */
  home: string;
  faults: SftpFaults;
  access: GuestAccess;
  /** Cuts every connection, as a guest that loses its power. */
  cut(): void;
  /** Begins to show another host key. */
  changeHostKey(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a guest on a free port of the loopback. */
export async function startTestGuest(): Promise<TestGuest> {
  const root = mkdtempSync(join(tmpdir(), 'edgeyard-guest-'));
  const home = join(root, 'home');
  mkdirSync(home);
  // Tools run as root: by sudo where the login is somebody else.
  mkdirSync(join(root, 'bin'));
  writeFileSync(join(root, 'bin', 'sudo'), '#!/bin/sh\nshift\nexec "$@"\n');
  chmodSync(join(root, 'bin', 'sudo'), 0o755);

  const login = newKeyPair('test');
  const faults: SftpFaults = { room: undefined, afterWrite: undefined };
  const connections = new Set<Connection>();
  const serve = (port: number) => startServer({ port, login: login.publicKey, root, faults, connections });
  let server = await serve(0);
  const { port } = server.address() as AddressInfo;
  const cut = () => {
    for (const connection of connections) socketOf(connection).destroy();
  };
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      cut();
    });
  const access: GuestAccess = {
    host: '127.0.0.1',
    port,
    username: 'tester',
    privateKey: login.privateKey,
    knownHostKey: undefined,
    pin: (key) => {
      access.knownHostKey = key;
    },
  };
  return {
    home,
    faults,
    access,
    cut,
    async changeHostKey() {
      await stop();
      server = await serve(port);
    },
    async close() {
      await stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

// The type declarations of ssh2 hide it.
function socketOf(connection: Connection): Socket {
  return (connection as unknown as { _sock: Socket })._sock;
}

interface Served {
  port: number;
  login: string;
  root: string;
  faults: SftpFaults;
  connections: Set<Connection>;
}

async function startServer(served: Served): Promise<ssh2.Server> {
  const allowed = ssh2.utils.parseKey(served.login);
  if (allowed instanceof Error) throw allowed;
  const server = new ssh2.Server({ hostKeys: [newKeyPair('host').privateKey] }, (connection) => {
    served.connections.add(connection);
    // Small answers would wait for the client's delayed acknowledgement.
    socketOf(connection).setNoDelay();
    connection.on('close', () => served.connections.delete(connection));
    connection.on('error', () => undefined);
    connection.on('authentication', (attempt) => {
      const right = attempt.method === 'publickey' && attempt.key.data.equals(allowed.getPublicSSH());
      if (right) attempt.accept();
      else attempt.reject(['publickey']);
    });
    connection.on('session', (accept) => serveSession(accept(), served));
  });
  await new Promise<void>((resolve) => {
    server.listen(served.port, '127.0.0.1', resolve);
  });
  return server;
}

function serveSession(session: Session, { root, faults }: Served): void {
  const home = join(root, 'home');
  session.on('sftp', (accept) => {
    const sftp = accept();
    nameExtensions(sftp as unknown as RawChannel);
    serveSftp(sftp, home, faults);
  });
  session.on('exec', (accept, _reject, { command }) => {
    const channel = accept();
    const env = { ...process.env, HOME: home, PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}` };
    const child = spawn('sh', ['-c', command], { cwd: home, env });
    channel.pipe(child.stdin);
    child.stdin.on('error', () => undefined);
    child.stdout.pipe(channel, { end: false });
    child.stderr.pipe(channel.stderr, { end: false });
    channel.on('close', () => child.kill());
    child.on('close', (code) => {
      channel.exit(code ?? 1);
      channel.end();
    });
  });
}

// The greeting of ssh2's server is fixed; ours goes out in its place.
function nameExtensions(sftp: RawChannel): void {
  const protocol = sftp._protocol;
  const send = protocol.channelData.bind(protocol);
  protocol.channelData = (id, data) => {
    const isGreeting = data.length === 9 && data[4] === 2;
    send(id, isGreeting ? versionWithExtensions : data);
  };
}
