import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { expect, it } from 'vitest';
import { guest } from '../access/actor';
import { tokenPath, tokenRoute } from './token-route';

it('counts wrong logins by user: others at the same address still get in', async () => {
  const route = tokenRoute({
    logins: {
      prove: (user: string, secret: string) => (secret === 'right' ? { user, grants: [] } : undefined),
    } as never,
    signer: { sign: () => Promise.resolve({ token: 'signed' }) } as never,
    log: pino({ level: 'silent' }),
    mayPush: () => Promise.resolve(true),
  });
  const server = createServer((request, response) => void route.handle(request, response, guest));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const ask = async (user: string, password: string) => {
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}${tokenPath}`, { headers: { authorization } });
    await answer.body?.cancel();
    return answer.status;
  };
  for (let wrong = 0; wrong < 60; wrong += 1) expect(await ask('careless', 'wrong')).toBe(401);
  expect(await ask('careless', 'right')).toBe(429);
  expect(await ask('careful', 'right')).toBe(200);
  server.closeAllConnections();
  server.close();
});
