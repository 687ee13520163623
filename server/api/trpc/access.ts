import { z } from 'zod';
import {
  auditFilterSchema,
  changePasswordSchema,
  createTokenSchema,
  inviteSchema,
  userNameSchema,
  userRoleSchema,
} from '../../access/schemas';
import { openProcedure, procedure, router } from './base';

const byId = z.object({ id: z.string().max(64) });

export const accessRouter = router({
  me: openProcedure.query(({ ctx }) => {
    const { userId, name, role, scopes } = ctx.actor;
    const email = userId === undefined ? undefined : ctx.house.access.users.get(userId)?.email;
    return { userId, name, role, scopes: [...scopes], email };
  }),
  signInOptions: openProcedure.query(({ ctx }) => ctx.house.access.signInOptions()),

  rename: procedure('developer', 'write')
    .input(z.object({ name: userNameSchema }))
    .mutation(({ ctx, input }) => ctx.house.access.users.rename(ctx.actor, input.name)),
  changePassword: procedure('developer', 'admin')
    .input(changePasswordSchema)
    .mutation(({ ctx, input }) => ctx.house.access.sessions.changePassword(ctx.actor, input)),

  sessions: procedure('developer', 'read').query(({ ctx }) => ctx.house.access.sessions.list(ctx.actor)),
  endSession: procedure('developer', 'admin')
    .input(byId)
    .mutation(({ ctx, input }) => {
      ctx.house.access.sessions.end(ctx.actor, input.id);
    }),
  endOtherSessions: procedure('developer', 'admin').mutation(({ ctx }) => {
    ctx.house.access.sessions.endOthers(ctx.actor);
  }),

  tokens: procedure('developer', 'read').query(({ ctx }) => ctx.house.access.tokens.list(ctx.actor)),
  // Not 'write': a leaked token must not be able to make itself a longer-lived sister.
  createToken: procedure('developer', 'admin')
    .input(createTokenSchema)
    .mutation(({ ctx, input }) => ctx.house.access.tokens.create(ctx.actor, input)),
  revokeToken: procedure('developer', 'write')
    .input(byId)
    .mutation(({ ctx, input }) => {
      ctx.house.access.tokens.revoke(ctx.actor, input.id);
    }),

  users: procedure('admin', 'admin').query(({ ctx }) => ctx.house.access.users.list()),
  invite: procedure('admin', 'admin')
    .input(inviteSchema.extend({ baseUrl: z.url() }))
    .mutation(({ ctx, input: { baseUrl, ...request } }) =>
      ctx.house.access.users.invite(ctx.actor, request, ctx.house.config.publicUrl ?? baseUrl),
    ),
  passwordLink: procedure('admin', 'admin')
    .input(byId.extend({ baseUrl: z.url() }))
    .mutation(({ ctx, input: { id, baseUrl } }) =>
      ctx.house.access.users.passwordLink(ctx.actor, id, ctx.house.config.publicUrl ?? baseUrl),
    ),
  setRole: procedure('admin', 'admin')
    .input(byId.extend({ role: userRoleSchema }))
    .mutation(({ ctx, input }) => ctx.house.access.users.setRole(ctx.actor, input.id, input.role)),
  disableUser: procedure('admin', 'admin')
    .input(byId)
    .mutation(({ ctx, input }) => ctx.house.access.users.disable(ctx.actor, input.id)),
  enableUser: procedure('admin', 'admin')
    .input(byId)
    .mutation(({ ctx, input }) => ctx.house.access.users.enable(ctx.actor, input.id)),

  allTokens: procedure('admin', 'admin').query(({ ctx }) => ctx.house.access.tokens.listAll()),
  revokeAnyToken: procedure('admin', 'admin')
    .input(byId)
    .mutation(({ ctx, input }) => {
      ctx.house.access.tokens.revokeAny(ctx.actor, input.id);
    }),

  audit: procedure('admin', 'admin')
    .input(auditFilterSchema.omit({ before: true }).extend({ cursor: z.int().optional() }))
    .query(({ ctx, input: { cursor, ...filter } }) => {
      const entries = ctx.house.access.audit.list({ ...filter, before: cursor });
      return { entries, nextCursor: entries.length < filter.limit ? undefined : entries.at(-1)?.id };
    }),
});
