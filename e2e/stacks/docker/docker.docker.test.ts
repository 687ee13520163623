/** That the tests' Docker hosts are what other tests take them for. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testCa } from '../certificates';
import { startRegistry, type TestRegistry } from '../registry';
import { pushImage, testImage } from '../test-image';
import { type DockerHost, startDocker } from './docker';

const ca = testCa();
const image = testImage();
let host: DockerHost;
let registry: TestRegistry;

beforeAll(async () => {
  host = await startDocker({ insecure: [] });
  registry = await startRegistry({ host: '10.89.0.1', tls: ca });
  await pushImage(image, { url: registry.url, repository: 'stack/app', tag: '1', ca: ca.certificate });
});

afterAll(async () => {
  await registry.stop();
  await host.stop();
});

test('it pulls from a registry once it trusts the certificate, and publishes ports', async () => {
  const name = `${registry.address}/stack/app:1`;
  await expect(docker('pull', name)).rejects.toThrow(/certificate signed by unknown authority/);
  host.trust(registry.address, ca.certificate);
  await docker('pull', '--quiet', name);
  await docker('run', '--detach', '--name', 'stack-app', '--publish', '8088:8080', name);
  await expect.poll(answer).toBe('edgeyard test image, version 1\n');
  await host.restart();
  await docker('start', 'stack-app');
  await expect.poll(answer).toBe('edgeyard test image, version 1\n');
});

test('its engine answers over TLS to its own clients only', async () => {
  const { host: address, port, ca: authority, cert, key } = host.tcp;
  const ping = async (connect: { cert?: string; key?: string }) => {
    const dispatcher = new Agent({ connect: { ca: authority, ...connect } });
    const reply = await request(`https://${address}:${String(port)}/_ping`, { dispatcher });
    return reply.body.text();
  };
  expect(await ping({ cert, key })).toBe('OK');
  await expect(ping({})).rejects.toThrow();
});

test('its socket is reached by ssh', async () => {
  const { host: address, username, privateKey, hostKey } = host.ssh;
  const folder = mkdtempSync(join(tmpdir(), 'edgeyard-ssh-'));
  writeFileSync(join(folder, 'key'), privateKey, { mode: 0o600 });
  writeFileSync(join(folder, 'known'), `${address} ${hostKey}\n`);
  const options = [
    '-F',
    'none',
    '-i',
    join(folder, 'key'),
    '-o',
    `UserKnownHostsFile=${join(folder, 'known')}`,
  ];
  const command = 'curl -s --unix-socket /run/docker.sock http://engine/_ping';
  const { stdout } = await promisify(execFile)('ssh', [...options, `${username}@${address}`, command]);
  rmSync(folder, { recursive: true });
  expect(stdout).toBe('OK');
});

async function answer(): Promise<string | undefined> {
  const reply = await fetch(`http://${host.address}:8088/`).catch(() => undefined);
  return reply?.text();
}

async function docker(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('docker', ['--host', `unix://${host.socket}`, ...args]);
  return stdout;
}
