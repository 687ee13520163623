import { chmodSync, mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import next from 'next';
import { consoleUpgrade } from './api/console-socket';
import { createHttpServer } from './api/http-server';
import { readConfig, type Config } from './config';
import { holdDataFolder } from './db/single-process';
import { setHouse } from './house';
import { openLog } from './log';
import { plays } from './rooms';
import { buildHouse } from './wiring';

try {
  await main(readConfig(process.env));
} catch (error) {
  process.stderr.write(`Edgeyard cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

/** Opens the house, listens, and begins to run jobs. Resolves once the server listens. */
async function main(config: Config): Promise<void> {
  const log = openLog(config.logLevel);
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  chmodSync(config.dataDir, 0o700);
  const letGo = holdDataFolder(config.dataDir);
  const { house, rawRoutes, close } = await buildHouse(config, log);
  setHouse(house);

  // Next puts its own `upgrade` listener on the server it is given and cuts sockets it does not know. It gets one
  // that never listens; our listener decides which sockets are ours.
  const upgrades = createServer();
  const pages = next({ dev: config.development, dir: process.cwd(), httpServer: upgrades });
  await pages.prepare();
  const handlePage = pages.getRequestHandler();
  const server = createHttpServer(house, rawRoutes, (request, response) => handlePage(request, response));
  const console_ = consoleUpgrade(house);
  server.on('upgrade', (request, socket, head) => {
    if (console_(request, socket, head)) return;
    if (config.development) upgrades.emit('upgrade', request, socket, head);
    else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  await listen(server, config);
  const baseUrl = addressOf(server, config);
  house.registries.open(baseUrl);
  house.jobs.run();
  if (plays(config.rooms, ['workbench', 'operations'])) void house.images.pushMissing();
  announce(baseUrl, house.access.setupLink(baseUrl));

  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) process.exit(1); // A second Ctrl-C means now.
    stopping = true;
    log.info({ signal }, 'stopping; virtual machines run on');
    server.close();
    await close();
    server.closeAllConnections();
    await pages.close();
    letGo();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stop(signal).catch((error: unknown) => {
        log.error({ err: error }, 'did not stop cleanly');
        process.exit(1);
      });
    });
  }
}

function listen(server: Server, config: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, resolve);
  });
}

/** The address people type, as far as it is known here. */
function addressOf(server: Server, config: Config): string {
  const { port } = server.address() as AddressInfo;
  const host = config.host === '0.0.0.0' || config.host === '::' ? 'localhost' : config.host;
  return config.publicUrl ?? `http://${host}:${port}`;
}

function announce(url: string, setupLink: string | undefined): void {
  const setup =
    setupLink === undefined ? '' : `Create the administrator with this one-time link:\n  ${setupLink}\n`;
  // In one piece: who waits for the first line finds the link with it.
  process.stdout.write(`Edgeyard is listening on ${url}\n${setup}`);
}
