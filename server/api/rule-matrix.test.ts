import { TRPCError } from '@trpc/server';
import { describe, expect, it } from 'vitest';
import { guest, scopes, type Actor, type Role } from '../access/actor';
import { readConfig } from '../config';
import { testDatabase } from '../db/testing';
import type { House } from '../house';
import { openLog } from '../log';
import { restApp } from './rest/app';
import { hollowRoom, houseWith } from './testing';
import type { Rule } from './trpc/base';
import { appRouter, createCaller } from './trpc/router';

const user = (role: Role): Actor => ({ userId: `user_${role}`, name: role, role, scopes, via: 'session' });
const actors: Record<string, Actor> = {
  guest,
  developer: user('developer'),
  operator: user('operator'),
  admin: user('admin'),
  'read-only token of an admin': { ...user('admin'), scopes: ['read'], via: 'token' },
};

/** What each actor must get, written out here and not taken from the code under test. */
function expected(actorName: string, { role, scope }: Rule): 'passes' | 401 | 403 {
  const rank =
    { guest: 0, developer: 1, operator: 2, admin: 3, 'read-only token of an admin': 3 }[actorName] ?? -1;
  const needed = { guest: 0, developer: 1, operator: 2, admin: 3 }[role];
  if (rank < needed) return rank === 0 ? 401 : 403;
  if (actorName === 'guest' && scope !== 'read') return 403;
  return actorName.startsWith('read-only') && scope !== 'read' ? 403 : 'passes';
}

/** A house in which whoever gets to a room has passed the rule. */
function houseFor(actor: Actor): House {
  const access = new Proxy(hollowRoom, {
    get: (room, name) =>
      name === 'actorOf' ? () => Promise.resolve(actor) : (Reflect.get(room, name) as unknown),
  }) as House['access'];
  const config = readConfig({ EDGEYARD_DATA: '/nonexistent' });
  return houseWith({ config, log: openLog('silent'), db: testDatabase(), access });
}

interface Procedure {
  _def: { type: string; meta?: Rule };
}
const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, Procedure>);

async function callProcedure(path: string, actor: Actor): Promise<'passes' | 401 | 403> {
  const caller: unknown = createCaller({ house: houseFor(actor), actor });
  const call = path.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], caller);
  try {
    await (call as (input: unknown) => Promise<unknown>)(undefined);
    return 'passes';
  } catch (error) {
    if (!(error instanceof TRPCError)) throw error;
    if (error.code === 'UNAUTHORIZED') return 401;
    return error.code === 'FORBIDDEN' ? 403 : 'passes';
  }
}

describe('every procedure', () => {
  it('is here', () => {
    expect(procedures.length).toBeGreaterThan(30);
  });

  it.each(procedures)(
    '%s has a rule, and writes only with a scope to write',
    (_, { _def: { meta, type } }) => {
      expect(meta).toBeDefined();
      if (type === 'mutation') expect(meta?.scope).not.toBe('read');
    },
  );

  it.each(procedures)('%s keeps it', async (path, { _def: { meta } }) => {
    const rule = meta ?? { role: 'admin', scope: 'admin' };
    for (const [name, actor] of Object.entries(actors))
      expect(await callProcedure(path, actor), name).toBe(expected(name, rule));
  });
});

interface RestRoute {
  method: string;
  path: string;
  'x-rule'?: Rule;
}
const registered = restApp(houseFor(guest));
const routes = registered.openAPIRegistry.definitions.flatMap((definition) =>
  definition.type === 'route' ? [definition.route as unknown as RestRoute] : [],
);

/** Paths that only ask, by POST because the question has a body. */
const questionsByPost = new Set([
  '/api/v1/projects/{id}/vms/plan',
  '/api/v1/images/held',
  '/api/v1/images/pull/plan',
  '/api/v1/distributions/plan',
  '/api/v1/stacks/plan',
  '/api/v1/deployments/plan',
  '/api/v1/deployments/plan-release',
  '/api/v1/deployments/{id}/plan-upgrade',
  '/api/v1/projects/{id}/container-images/known',
  '/api/v1/projects/{id}/deployment-text/check',
  '/mec/developer/v2/containerimages/action/get-all-images',
]);

async function callRoute({ method, path }: RestRoute, actor: Actor): Promise<'passes' | 401 | 403> {
  const response = await restApp(houseFor(actor)).request(path.replaceAll(/\{[^}]*\}/g, 'nothing'), {
    method: method.toUpperCase(),
  });
  // Cancelled and not read: an event stream never ends, and one that the hollow room broke cannot be cancelled.
  await response.body?.cancel().catch(() => undefined);
  return response.status === 401 || response.status === 403 ? response.status : 'passes';
}

describe('every REST path', () => {
  it('is described, so that none escapes this test', () => {
    const described = new Set(
      routes.map(({ method, path }) => `${method.toUpperCase()} ${path.replaceAll(/\{([^}]*)\}/g, ':$1')}`),
    );
    const escaped = registered.routes
      .filter(({ method, path }) => method !== 'ALL' && path !== '/api/openapi.json')
      .map(({ method, path }) => `${method} ${path}`)
      .filter((route) => !described.has(route));
    expect([...new Set(escaped)]).toEqual([]);
    expect(routes.length).toBeGreaterThan(10);
  });

  it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s has a rule and keeps it',
    async (_, route) => {
      const rule = route['x-rule'];
      expect(rule).toBeDefined();
      if (!rule) return;
      if (route.method !== 'get' && !questionsByPost.has(route.path)) expect(rule.scope).not.toBe('read');
      for (const [name, actor] of Object.entries(actors))
        expect(await callRoute(route, actor), name).toBe(expected(name, rule));
    },
  );
});
