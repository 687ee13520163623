import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestRegistry } from './registry';

/** A door before a registry at which blobs wait, so that a test can act while a transfer is under way. */
export interface HeldBlobs {
  /** `host:port`, to name images by. */
  address: string;
  url: string;
  /** How many requests for blobs wait now. */
  waiting: () => number;
  /** Lets through what waits and what comes. */
  release: () => void;
  stop: () => Promise<void>;
}

/**
 * Opens the door; everything but blobs goes through at once.
 *
 * @param registry one that speaks plain HTTP
 * @param host address to listen at
 */
export async function holdBlobs({ url }: TestRegistry, host: string): Promise<HeldBlobs> {
  const waiting = new Set<() => void>();
  let open = false;
  const server = createServer((asked, answer) => {
    const { method, headers } = asked;
    const pass = () => {
      waiting.delete(pass);
      const onward = request(new URL(asked.url ?? '/', url), { method, headers }, (came) => {
        answer.writeHead(came.statusCode ?? 502, came.headers);
        came.pipe(answer);
      });
      onward.on('error', () => answer.destroy());
      asked.pipe(onward);
    };
    if (open || method !== 'GET' || !(asked.url ?? '').includes('/blobs/')) pass();
    else {
      waiting.add(pass);
      answer.on('close', () => waiting.delete(pass));
    }
  });
  await once(server.listen(0, host), 'listening');
  const address = `${host}:${(server.address() as AddressInfo).port}`;
  return {
    address,
    url: `http://${address}`,
    waiting: () => waiting.size,
    release: () => {
      open = true;
      for (const pass of waiting) pass();
    },
    stop: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
