/** What a real registry cannot be made to do: to lie, to cut a transfer at a certain byte, to be too busy. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import type { Registry, RegistryAccess } from './oci';
import { openRegistry } from './open-registry';
import { bytesOf, sha256, testBlob } from './testing';
import type { WireOptions } from './wire';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const servers: Server[] = [];
const clients: Registry[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(handler: Handler): Promise<string> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function liar(
  handler: Handler,
  access: Partial<RegistryAccess> = {},
  options: WireOptions = {},
): Promise<Registry> {
  const opened = openRegistry(
    { url: await serve(handler), ...access },
    { backOffMs: 10, tries: 3, ...options },
  );
  clients.push(opened);
  return opened;
}

const fault = (name: string) => expect.objectContaining({ name: 'RegistryError', fault: name });
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const blob = testBlob(300_000);

describe('a registry that lies', () => {
  it('does not learn the login by a redirect to one that asks for it', async () => {
    const heard: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      heard.push(request.headers.authorization);
      const realm = `Bearer realm="http://${request.headers.host}/token"`;
      if (request.url?.startsWith('/token')) response.writeHead(200).end('{"token":"t"}');
      else response.writeHead(401, { 'www-authenticate': realm }).end();
    });
    const registry = await liar(
      (_, response) => {
        response.writeHead(307, { location: `${other}/blob` }).end();
      },
      { login: { user: 'ada', password: 'secret' } },
    );
    await expect(registry.blob('a', blob.digest)).rejects.toEqual(fault('unauthorized'));
    expect(heard).toEqual([undefined]);
  });

  it('leads nowhere that may not be reached', async () => {
    let asked = 0;
    const inside = await serve((_, response) => {
      asked += 1;
      response.writeHead(200).end('secret of the inside');
    });
    const { port } = new URL(inside);
    const open = (handler: Handler) =>
      liar(handler, {}, { mayConnect: (address) => address === '127.0.0.1' });
    const registry = await open((_, response) => {
      response.writeHead(307, { location: `http://127.0.0.2:${port}/` }).end();
    });
    await expect(registry.blob('a', blob.digest)).rejects.toEqual(fault('forbidden'));
    const asking = await open((_, response) => {
      const challenge = `Bearer realm="http://127.0.0.2:${port}/"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
    });
    await expect(asking.ping()).rejects.toEqual(fault('forbidden'));
    const named = openRegistry({ url: `http://localhost:${port}` }, { mayConnect: () => false });
    clients.push(named);
    await expect(named.ping()).rejects.toEqual(fault('forbidden'));
    expect(asked).toBe(0);
  });

  it('is told by the digest of its manifest', async () => {
    const said = sha256(Buffer.from('another'));
    const registry = await liar((_, response) => {
      response.writeHead(200, { 'content-type': manifestType, 'docker-content-digest': said }).end('{}');
    });
    await expect(registry.manifest('a', 'tag')).rejects.toEqual(fault('wrongDigest'));
    await expect(registry.manifest('a', sha256(Buffer.from('x')))).rejects.toEqual(fault('wrongDigest'));
    await expect(registry.head('a', sha256(Buffer.from('x')))).rejects.toEqual(fault('wrongDigest'));
  });

  it('never gives the last bytes of a wrong blob', async () => {
    const wrong = Buffer.from(blob.bytes);
    wrong[5] = (wrong[5] ?? 0) ^ 1;
    const registry = await liar((_, response) => {
      response.writeHead(200, { 'content-length': wrong.length }).end(wrong);
    });
    let seen = 0;
    const stream = await registry.blob('a', blob.digest);
    stream.on('data', (chunk: Buffer) => (seen += chunk.length));
    const [error] = (await once(stream, 'error').catch((caught: unknown) => [caught])) as [unknown];
    expect(error).toEqual(fault('wrongDigest'));
    expect(seen).toBeLessThan(blob.size);
  });

  it('is told when it is a web page, or a manifest is too large, or too old', async () => {
    const page = await liar((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>');
    });
    await expect(page.ping()).rejects.toEqual(fault('notARegistry'));
    await expect(page.manifest('a', '1')).rejects.toEqual(fault('notARegistry'));
    await expect(page.head('a', '1')).rejects.toEqual(fault('notARegistry'));
    await expect(page.tags('a')).rejects.toEqual(fault('notARegistry'));
    const huge = await liar((_, response) => {
      response.writeHead(200, { 'content-type': manifestType }).end(Buffer.alloc(5 * 2 ** 20, 32));
    });
    await expect(huge.manifest('a', '1')).rejects.toEqual(fault('tooLarge'));
    const old = await liar((_, response) => {
      const type = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
      response.writeHead(200, { 'content-type': type }).end('{"schemaVersion":1,"fsLayers":[]}');
    });
    await expect(old.manifest('a', '1')).rejects.toEqual(fault('unsupported'));
  });

  it('does not get the login by redirects, nor the password by a token server without TLS', async () => {
    const seen: (string | undefined)[] = [];
    const storage = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(200, { 'content-length': blob.size }).end(blob.bytes);
    });
    const registry = await liar(
      (request, response) => {
        if (request.headers.authorization === undefined)
          response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
        else response.writeHead(307, { location: `${storage}/signed?key=hidden` }).end();
      },
      { login: { user: 'ada', password: 'secret' } },
    );
    expect(sha256(await bytesOf(await registry.blob('a', blob.digest)))).toBe(blob.digest);
    expect(seen).toEqual([undefined]);
  });
});

describe('a transfer that is cut', () => {
  it('goes on by a range, whether the registry knows ranges or not', async () => {
    for (const ranges of [true, false]) {
      const asked: (string | undefined)[] = [];
      const registry = await liar((request, response) => {
        const { range } = request.headers;
        asked.push(range);
        if (range === undefined) {
          response.writeHead(200, { 'content-length': blob.size });
          response.write(blob.bytes.subarray(0, 100_000), () => response.destroy());
          return;
        }
        const from = Number(/=(\d+)-/.exec(range)?.[1]);
        const headers = { 'content-range': `bytes ${from}-${blob.size - 1}/${blob.size}` };
        if (ranges) response.writeHead(206, headers).end(blob.bytes.subarray(from));
        else response.writeHead(200, { 'content-length': blob.size }).end(blob.bytes);
      });
      expect(sha256(await bytesOf(await registry.blob('a', blob.digest)))).toBe(blob.digest);
      expect(asked).toEqual([undefined, 'bytes=100000-']);
    }
  });

  it('goes on where the registry says the upload stands', async () => {
    const got: Buffer[] = [];
    const offsets: number[] = [];
    const registry = await liar((request, response) => {
      void upload(request, response);
    });
    async function upload(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const location = { location: '/v2/a/blobs/uploads/1' };
      const all = () => Buffer.concat(got);
      if (request.method === 'HEAD') response.writeHead(404).end();
      else if (request.method === 'POST') response.writeHead(202, location).end();
      else if (request.method === 'GET')
        response.writeHead(204, { ...location, range: `0-${all().length - 1}` }).end();
      else if (request.method === 'PATCH') {
        got.push(await buffer(request));
        response.writeHead(202, location).end();
      } else if (got.length === 0) {
        request.once('data', (chunk: Buffer) => {
          got.push(chunk);
          request.socket.destroy();
        });
      } else {
        got.push(await buffer(request));
        response.writeHead(sha256(all()) === blob.digest ? 201 : 400).end();
      }
    }
    const sent = await registry.putBlob('a', blob, (offset) => {
      offsets.push(offset);
      return Readable.from([blob.bytes.subarray(offset)]);
    });
    expect(sent).toEqual({ sent: blob.size });
    expect(offsets[0]).toBe(0);
    expect(offsets[1]).toBeGreaterThan(0);
    expect(sha256(Buffer.concat(got))).toBe(blob.digest);
  });
});

describe('a registry that is too busy', () => {
  it('is asked again, when it says so', async () => {
    const times: number[] = [];
    const registry = await liar((_, response) => {
      times.push(performance.now());
      if (times.length === 1) response.writeHead(429, { 'retry-after': '1' }).end();
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
    await registry.ping();
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(950);
  });

  it('is told so in the end, with its words', async () => {
    const errors = JSON.stringify({ errors: [{ code: 'TOOMANYREQUESTS', message: 'slow down' }] });
    const registry = await liar((_, response) => {
      response.writeHead(429).end(errors);
    });
    const error: unknown = await registry.ping().catch((caught: unknown) => caught);
    expect(error).toEqual(fault('tooMany'));
    expect(error).toMatchObject({ facts: { status: 429, words: 'TOOMANYREQUESTS: slow down' } });
  });

  it('is left alone when the call is cancelled', async () => {
    const registry = await liar(() => {});
    const signal = AbortSignal.timeout(50);
    await expect(registry.head('a', '1', { signal })).rejects.toEqual(fault('cancelled'));
  });
});

it('refuses names that would lead elsewhere', async () => {
  const registry = await liar((_, response) => response.writeHead(200).end());
  for (const name of ['', '../x', 'a//b', 'A', 'a/../../v2', 'a?b', 'a'.repeat(300)]) {
    await expect(registry.tags(name)).rejects.toEqual(fault('refused'));
  }
  await expect(registry.head('a', 'x/y')).rejects.toEqual(fault('refused'));
  await expect(registry.hasBlob('a', 'sha256:12')).rejects.toEqual(fault('refused'));
});
