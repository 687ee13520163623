import { z } from '@hono/zod-openapi';
import type { House } from '../../house';
import { actVmInput, createVmInput, mendVmInput, planVmInput } from '../../workbench/schemas';
import { accepted, acceptedJob, body, json, restRoute, userOf, type RestApp } from './route';
import { planSchema, reachSchema, vmEventSchema, vmSchema } from './workbench-schemas';

const read = { role: 'developer', scope: 'read' } as const;
const write = { role: 'developer', scope: 'write' } as const;
const tags = ['VMs'];
const params = z.object({ id: z.string() });

const list = restRoute(read, {
  method: 'get',
  path: '/api/v1/projects/{id}/vms',
  tags,
  summary: 'The VMs of a project',
  request: { params },
  responses: { 200: json(z.object({ vms: z.array(vmSchema) }), 'VMs, oldest first') },
});

const create = restRoute(write, {
  method: 'post',
  path: '/api/v1/projects/{id}/vms',
  tags,
  summary: 'Create a VM and start it',
  request: { params, ...body(createVmInput) },
  responses: { ...acceptedJob, 200: json(vmSchema, 'The VM that the same key has made before') },
});

const plan = restRoute(read, {
  method: 'post',
  path: '/api/v1/projects/{id}/vms/plan',
  tags,
  summary: 'Whether a VM would fit, and because of what not',
  request: { params, ...body(planVmInput) },
  responses: { 200: json(planSchema, 'The plan') },
});

const get = restRoute(read, {
  method: 'get',
  path: '/api/v1/vms/{id}',
  tags,
  summary: 'One VM',
  request: { params },
  responses: { 200: json(vmSchema, 'The VM') },
});

const remove = restRoute(write, {
  method: 'delete',
  path: '/api/v1/vms/{id}',
  tags,
  summary: 'Delete a VM and its disk',
  request: { params },
  responses: acceptedJob,
});

const act = restRoute(write, {
  method: 'post',
  path: '/api/v1/vms/{id}/actions',
  tags,
  summary: 'Start, stop, reboot, reset, pause or resume a VM',
  request: { params, ...body(actVmInput) },
  responses: { ...acceptedJob, 200: json(vmSchema, 'The VM; the action is done') },
});

const events = restRoute(read, {
  method: 'get',
  path: '/api/v1/vms/{id}/events',
  tags,
  summary: 'The timeline of a VM',
  request: { params },
  responses: { 200: json(z.object({ events: z.array(vmEventSchema) }), 'Events, oldest first') },
});

const screen = restRoute(read, {
  method: 'get',
  path: '/api/v1/vms/{id}/screen',
  tags,
  summary: 'A picture of the screen, at most four seconds old',
  request: { params },
  responses: { 200: { description: 'A PNG' } },
});

const serial = restRoute(read, {
  method: 'get',
  path: '/api/v1/vms/{id}/serial',
  tags,
  summary: 'The console log',
  request: {
    params,
    query: z.object({
      from: z.coerce
        .number()
        .int()
        .min(0)
        .optional()
        .openapi({ description: 'Byte offset: gives one piece; without it the whole log comes as a file' }),
    }),
  },
  responses: { 200: { description: 'Text; of a piece the header `X-Next-Offset` says where to go on' } },
});

const reach = restRoute(read, {
  method: 'get',
  path: '/api/v1/vms/{id}/reach',
  tags,
  summary: 'The way from the server to the SSH port of a VM, hop by hop, and what would mend it',
  request: { params },
  responses: { 200: json(reachSchema, 'The hops in order; the first that fails is the cause') },
});

const mend = restRoute(write, {
  method: 'post',
  path: '/api/v1/vms/{id}/reach',
  tags,
  summary: 'Apply a fix that was offered: open the port, or give a floating IP',
  request: { params, ...body(mendVmInput) },
  responses: { 200: json(reachSchema, 'The way as it is now') },
});

/** Adds `/api/v1/projects/{id}/vms` and `/api/v1/vms…`. */
export function addVmRoutes(app: RestApp, { workbench: { vms } }: House): void {
  app.openapi(list, (c) =>
    c.json({ vms: vms.list(userOf(c), c.req.valid('param').id).map((each) => ({ ...each })) }, 200),
  );
  app.openapi(create, async (c) => {
    const key = c.req.header('idempotency-key');
    const { vm, job } = await vms.create(userOf(c), c.req.valid('param').id, c.req.valid('json'), key);
    return job ? accepted(c, job) : c.json({ ...vm }, 200);
  });
  app.openapi(plan, async (c) => {
    const { id } = c.req.valid('param');
    return c.json({ ...(await vms.plan(userOf(c), id, c.req.valid('json'), c.req.raw.signal)) }, 200);
  });
  app.openapi(get, (c) => c.json({ ...vms.get(userOf(c), c.req.valid('param').id) }, 200));
  app.openapi(remove, (c) => accepted(c, vms.remove(userOf(c), c.req.valid('param').id)));
  app.openapi(act, async (c) => {
    const { vm, job } = await vms.act(userOf(c), c.req.valid('param').id, c.req.valid('json'));
    return job ? accepted(c, job) : c.json({ ...vm }, 200);
  });
  app.openapi(events, (c) =>
    c.json({ events: vms.events(userOf(c), c.req.valid('param').id).map((each) => ({ ...each })) }, 200),
  );
  app.openapi(screen, async (c) => {
    const { png, at } = await vms.screen(userOf(c), c.req.valid('param').id);
    return c.body(new Uint8Array(png), 200, {
      'content-type': 'image/png',
      'last-modified': new Date(at).toUTCString(),
      'cache-control': 'private, max-age=4',
    });
  });
  app.openapi(reach, async (c) => {
    const found = await vms.reach(userOf(c), c.req.valid('param').id, c.req.raw.signal);
    return c.json({ ...found }, 200);
  });
  app.openapi(mend, async (c) => {
    const { fix } = c.req.valid('json');
    return c.json({ ...(await vms.mend(userOf(c), c.req.valid('param').id, fix, c.req.raw.signal)) }, 200);
  });
  app.openapi(serial, async (c) => {
    const { id } = c.req.valid('param');
    const { from } = c.req.valid('query');
    const user = userOf(c);
    // Asked before anything is sent: a refusal must be an answer, not a cut stream.
    const first = await vms.serial(user, id, from ?? 0);
    if (from === undefined) {
      const log = wholeLog(first, (offset) => vms.serial(user, id, offset));
      return c.body(log, 200, asFile(id));
    }
    const { text, next } = first;
    return c.body(text, 200, { 'content-type': 'text/plain; charset=utf-8', 'x-next-offset': String(next) });
  });
}

function asFile(id: string) {
  return {
    'content-type': 'text/plain; charset=utf-8',
    'content-disposition': `attachment; filename="${id.replace(/\W/g, '')}-serial.log"`,
  };
}

interface LogPart {
  text: string;
  next: number;
}

/** The whole log as a stream, one piece of the site's at a time. It ends where the log ended when it was reached. */
function wholeLog(first: LogPart, more: (offset: number) => Promise<LogPart>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let part: LogPart | undefined = first;
  let offset = 0;
  return new ReadableStream({
    async pull(controller) {
      const { text, next } = part ?? (await more(offset));
      part = undefined;
      if (next === offset) {
        controller.close();
        return;
      }
      offset = next;
      controller.enqueue(encoder.encode(text));
    },
  });
}
