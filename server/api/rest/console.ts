import { z } from '@hono/zod-openapi';
import type { House } from '../../house';
import { json, restRoute, type RestApp } from './route';

const ticketSchema = z
  .object({
    ticket: z.string(),
    path: z.string().openapi({ description: 'Path of the WebSocket on this server, ticket included' }),
    expiresAt: z.number(),
  })
  .openapi('ConsoleTicket');

const openConsole = restRoute(
  { role: 'developer', scope: 'write' },
  {
    method: 'post',
    path: '/api/v1/vms/{id}/console',
    tags: ['VMs'],
    summary: 'A ticket for the VM’s screen',
    description:
      'For one WebSocket (subprotocol `binary`, RFB inside) within 30 seconds, with the same token or session.',
    request: { params: z.object({ id: z.string() }) },
    responses: { 201: json(ticketSchema, 'The ticket') },
  },
);

/** Adds the route of consoles. */
export function addConsoleRoutes(app: RestApp, house: House): void {
  app.openapi(openConsole, (c) => {
    // A ticket is a password for half a minute: no cache may keep it.
    c.header('Cache-Control', 'no-store');
    return c.json(house.consoles.issue(c.get('actor'), c.req.valid('param').id), 201);
  });
}
