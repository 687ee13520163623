/**
 * What the tables of EdgeGallery's MECM inventory have in common. Each is there twice: with the tenant in the path, as
 * its pages ask, and without.
 */
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { body, json, restRoute, type RestEnv } from './route';

const inventoryReader = { role: 'developer', scope: 'read' } as const;
export const inventoryAdmin = { role: 'admin', scope: 'admin' } as const;
export const inventoryTags = ['EdgeGallery inventory'];
export const inventoryBases = ['/inventory/v1', '/inventory/v1/tenants/{tenantId}'] as const;
export type InventoryBase = (typeof inventoryBases)[number];

const written = json(z.object({ response: z.string() }), 'What was done');
const tenant = { tenantId: z.string().max(64).optional() };
const ofTenant = z.object(tenant);
/** A row is named by its IP, or by its IP and port. */
export const ofIp = z.object({ ...tenant, ip: z.string().max(300) });
export const ofEndpoint = z.object({ ...tenant, endpoint: z.string().max(300) });

/**
 * The five routes of one table: list, get, add, change, remove. Developers read, administrators write.
 *
 * @param paths where the rows are, and where one of them is
 * @param schemas the path's parameters of one row, a row, and what is sent to write one
 * @param words what each route does, for the OpenAPI document
 */
export function inventoryRoutes<
  All extends string,
  One extends string,
  Named extends z.ZodObject,
  Row extends z.ZodType,
  Input extends z.ZodType,
>(
  paths: { all: All; one: One },
  schemas: { named: Named; row: Row; input: Input },
  words: Record<'list' | 'get' | 'add' | 'change' | 'remove' | 'rows' | 'row', string> & {
    description?: string;
  },
) {
  const { named, row, input } = schemas;
  const tags = inventoryTags;
  const responses = { 200: written };
  return {
    list: restRoute(inventoryReader, {
      method: 'get',
      path: paths.all,
      tags,
      summary: words.list,
      ...(words.description === undefined ? {} : { description: words.description }),
      request: { params: ofTenant },
      responses: { 200: json(z.array(row), words.rows) },
    }),
    get: restRoute(inventoryReader, {
      method: 'get',
      path: paths.one,
      tags,
      summary: words.get,
      request: { params: named },
      responses: { 200: json(row, words.row) },
    }),
    add: restRoute(inventoryAdmin, {
      method: 'post',
      path: paths.all,
      tags,
      summary: words.add,
      request: { params: ofTenant, ...body(input) },
      responses,
    }),
    change: restRoute(inventoryAdmin, {
      method: 'put',
      path: paths.one,
      tags,
      summary: words.change,
      request: { params: named, ...body(input) },
      responses,
    }),
    remove: restRoute(inventoryAdmin, {
      method: 'delete',
      path: paths.one,
      tags,
      summary: words.remove,
      request: { params: named },
      responses,
    }),
  };
}

/** Answers what was done to a row, in EdgeGallery's words. */
export const wrote = (c: Context<RestEnv>, response: 'Saved' | 'Updated' | 'Deleted') =>
  c.json({ response }, 200);
