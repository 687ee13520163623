import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { bestOf, type Measure } from './measure';
import { cpuSeconds, endProgram, residentMB, startProgram } from './process';

const bytes = 1024 ** 3;
const tsx = 'node_modules/.bin/tsx';
const peer = 'bench/console-peer.ts';
const node = ['--import', 'tsx', peer];

interface Run {
  megabytesPerSecond: number;
  cpu: number;
}

/** The console's bridge against Debian's websockify: same source, same client, on loopback. */
export async function measureConsole(): Promise<Measure[]> {
  const source = await startProgram(process.execPath, [...node, 'source', String(bytes)], /port (\d+)/);
  const sourcePort = Number(source.match?.[1]);
  const better = (a: Run, b: Run) => a.megabytesPerSecond > b.megabytesPerSecond;
  try {
    const ours = await startOurs(sourcePort);
    const oursRun = await bestOf(3, () => oneRun(ours.pid, ours.port), better);
    const oursStalled = await stalledGrowth(ours.pid, ours.port);
    await endProgram(ours.child);
    const theirs = await startTheirs(sourcePort);
    const theirsRun = await bestOf(3, () => oneRun(theirs.pid, theirs.port), better);
    await endProgram(theirs.child);
    return [
      {
        work: 'console stream, throughput',
        ours: `${oursRun.megabytesPerSecond.toFixed(0)} MB/s`,
        theirs: `${theirsRun.megabytesPerSecond.toFixed(0)} MB/s`,
        ratio: oursRun.megabytesPerSecond / theirsRun.megabytesPerSecond,
        target: { atLeast: 1 },
      },
      {
        work: 'console stream, CPU for 1 GiB',
        ours: `${oursRun.cpu.toFixed(2)} s`,
        theirs: `${theirsRun.cpu.toFixed(2)} s`,
        ratio: oursRun.cpu / theirsRun.cpu,
        target: { atMost: 1 },
      },
      {
        work: 'console, memory for a stalled viewer (MB)',
        ours: `+${oursStalled.toFixed(0)} MB`,
        theirs: '–',
        ratio: oursStalled,
        target: { atMost: 20 },
      },
    ];
  } finally {
    await endProgram(source.child);
  }
}

async function startOurs(sourcePort: number) {
  const started = await startProgram(process.execPath, [...node, 'bridge', String(sourcePort)], /port (\d+)/);
  return { ...started, port: Number(started.match?.[1]) };
}

async function startTheirs(sourcePort: number) {
  const port = await freePort();
  const started = await startProgram(
    'websockify',
    [`127.0.0.1:${port}`, `127.0.0.1:${sourcePort}`],
    /proxying from/,
  );
  return { ...started, port };
}

async function oneRun(pid: number, port: number): Promise<Run> {
  const before = cpuSeconds(pid);
  const client = await startProgram(tsx, [peer, 'client', String(port), String(bytes)], /seconds ([\d.]+)/);
  await endProgram(client.child);
  // websockify forks a process for each viewer; its CPU counts for the parent once that one has ended.
  return { megabytesPerSecond: bytes / 1e6 / Number(client.match?.[1]), cpu: cpuSeconds(pid) - before };
}

/** Memory that a viewer who reads nothing costs, after two seconds in which the source sends all it can. */
async function stalledGrowth(pid: number, port: number): Promise<number> {
  const before = residentMB(pid);
  const client = await startProgram(tsx, [peer, 'client', String(port), '0'], /stalled/);
  await wait(2000);
  const grown = residentMB(pid) - before;
  await endProgram(client.child);
  return grown;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
