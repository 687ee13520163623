import { z } from '@hono/zod-openapi';
import {
  auditEntrySchema,
  auditFilterSchema,
  createdTokenSchema,
  createTokenSchema,
  inviteSchema,
  linkSchema,
  tokenSchema,
  userRoleSchema,
  userSchema,
} from '../../access/schemas';
import { roles, scopes } from '../../access/actor';
import type { House } from '../../house';
import { Problem } from '../../problem';
import { body, json, restRoute, userOf, type RestApp } from './route';

const idParam = z.object({ id: z.string().max(64) });
const admin = { role: 'admin', scope: 'admin' } as const;

const me = restRoute(
  { role: 'guest', scope: 'read' },
  {
    method: 'get',
    path: '/api/v1/me',
    tags: ['Access'],
    summary: 'Who you are to the server',
    responses: {
      200: json(
        z.object({
          id: z.string().optional(),
          name: z.string(),
          role: z.enum(roles),
          scopes: z.array(z.enum(scopes)),
        }),
        'The user of the session or token; role `guest` without one',
      ),
    },
  },
);

const listTokens = restRoute(
  { role: 'developer', scope: 'read' },
  {
    method: 'get',
    path: '/api/v1/tokens',
    tags: ['Access'],
    summary: 'Your API tokens',
    responses: { 200: json(z.object({ tokens: z.array(tokenSchema) }), 'Tokens, without the secret') },
  },
);

const createToken = restRoute(
  // Not 'write': a leaked token must not be able to make itself a longer-lived sister.
  { role: 'developer', scope: 'admin' },
  {
    method: 'post',
    path: '/api/v1/tokens',
    tags: ['Access'],
    summary: 'Make an API token',
    description: 'Needs a session, or a token of an administrator with the scope admin.',
    request: body(createTokenSchema),
    responses: { 201: json(createdTokenSchema, 'The token; this is the only time it is shown') },
  },
);

const revokeToken = restRoute(
  { role: 'developer', scope: 'write' },
  {
    method: 'delete',
    path: '/api/v1/tokens/{id}',
    tags: ['Access'],
    summary: 'Revoke an API token',
    request: { params: idParam },
    responses: { 204: { description: 'It does not work any more' } },
  },
);

const listUsers = restRoute(admin, {
  method: 'get',
  path: '/api/v1/users',
  tags: ['Access'],
  summary: 'All users',
  responses: { 200: json(z.object({ users: z.array(userSchema) }), 'Users') },
});

const inviteUser = restRoute(admin, {
  method: 'post',
  path: '/api/v1/users',
  tags: ['Access'],
  summary: 'Invite a user',
  request: body(inviteSchema),
  responses: { 201: json(linkSchema, 'The user, and the one-time link that sets the password') },
});

const changeUser = restRoute(admin, {
  method: 'patch',
  path: '/api/v1/users/{id}',
  tags: ['Access'],
  summary: 'Change a user’s role, disable or enable a user',
  request: {
    params: idParam,
    ...body(z.object({ role: userRoleSchema.optional(), disabled: z.boolean().optional() })),
  },
  responses: { 200: json(userSchema, 'The user') },
});

const listAudit = restRoute(admin, {
  method: 'get',
  path: '/api/v1/audit',
  tags: ['Access'],
  summary: 'Who changed what, newest first',
  description: 'Pass the id of the last entry as `before` to get the next page.',
  request: { query: auditFilterSchema },
  responses: { 200: json(z.object({ entries: z.array(auditEntrySchema) }), 'Entries') },
});

/** Adds the paths of users, tokens and the audit log. */
export function addAccessRoutes(app: RestApp, house: House): void {
  const { access, config } = house;
  app.openapi(me, (c) => {
    const { userId, name, role, scopes: granted } = c.get('actor');
    return c.json({ id: userId, name, role, scopes: [...granted] }, 200);
  });
  app.openapi(listTokens, (c) => c.json({ tokens: access.tokens.list(userOf(c)) }, 200));
  app.openapi(createToken, (c) => {
    // Shown once: neither a cache nor the store of idempotent answers may keep it.
    c.header('Cache-Control', 'no-store');
    return c.json(access.tokens.create(userOf(c), c.req.valid('json')), 201);
  });
  app.openapi(revokeToken, (c) => {
    access.tokens.revoke(userOf(c), c.req.valid('param').id);
    return c.body(null, 204);
  });
  app.openapi(listUsers, (c) => c.json({ users: access.users.list() }, 200));
  app.openapi(inviteUser, (c) => {
    const baseUrl = config.publicUrl ?? new URL(c.req.url).origin;
    c.header('Cache-Control', 'no-store');
    return c.json(access.users.invite(userOf(c), c.req.valid('json'), baseUrl), 201);
  });
  app.openapi(changeUser, (c) => {
    const { id } = c.req.valid('param');
    const { role, disabled } = c.req.valid('json');
    const actor = userOf(c);
    if (role !== undefined) access.users.setRole(actor, id, role);
    if (disabled !== undefined) access.users[disabled ? 'disable' : 'enable'](actor, id);
    const user = access.users.get(id);
    if (!user) throw new Problem('not_found', 'access.errors.userNotFound');
    return c.json(user, 200);
  });
  app.openapi(listAudit, (c) => c.json({ entries: access.audit.list(c.req.valid('query')) }, 200));
}
