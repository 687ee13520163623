/** The guest's routes behind an HTTP server, as the process's own server has them, for tests and measurements. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Actor } from '../../access/actor';
import { asProblem, problemStatus } from '../../problem';
import type { Guest } from './guest';

export interface TestServer {
  /** Address of the VM's files, without a slash at the end. */
  files: string;
  /** Cuts every connection. */
  cut(): void;
  close(): void;
}

/** Listens on a free port of the loopback; `actor` says who asks. */
export async function serveGuest(guest: Guest, vmId: string, actor: () => Actor): Promise<TestServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const route = guest.rawRoutes.find((each) => each.matches(request.method ?? '', path));
    if (!route) {
      response.writeHead(404).end();
      return;
    }
    route.handle(request, response, actor()).catch((error: unknown) => {
      const problem = asProblem(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(problemStatus[problem.code]).end(JSON.stringify(problem.report()));
    });
  });
  server.requestTimeout = 0;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    files: `http://127.0.0.1:${port}/api/v1/vms/${vmId}/files`,
    cut: () => server.closeAllConnections(),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
