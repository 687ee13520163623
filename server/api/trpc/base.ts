import { initTRPC, TRPCError } from '@trpc/server';
import { hasRole, requireUser, type Actor, type Role, type Scope } from '../../access/actor';
import type { House } from '../../house';
import { requireRouter } from '../room-table';
import { asProblem, isProblem, Problem, type ProblemCode, type ProblemReport } from '../../problem';
import { transformer } from './transformer';

export interface Context {
  house: House;
  actor: Actor;
}

/** The access rule of a procedure: the least role, and the scope a token needs. */
export interface Rule {
  role: Role;
  scope: Scope;
}

const trpcCodes = {
  invalid: 'UNPROCESSABLE_CONTENT',
  unauthenticated: 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  not_found: 'NOT_FOUND',
  conflict: 'CONFLICT',
  gone: 'NOT_FOUND',
  too_large: 'PAYLOAD_TOO_LARGE',
  too_many: 'TOO_MANY_REQUESTS',
  cancelled: 'CLIENT_CLOSED_REQUEST',
  failed: 'INTERNAL_SERVER_ERROR',
  unavailable: 'SERVICE_UNAVAILABLE',
  no_space: 'INTERNAL_SERVER_ERROR',
} as const satisfies Record<ProblemCode, TRPCError['code']>;

const t = initTRPC
  .context<Context>()
  .meta<Rule>()
  .create({
    transformer,
    errorFormatter: ({ shape, error }) => {
      const problem: ProblemReport = isProblem(error.cause)
        ? error.cause.report()
        : error.code === 'BAD_REQUEST'
          ? new Problem('invalid', 'problems.badInput', {}, { detail: error.message }).report()
          : new Problem('failed', 'problems.unexpected').report();
      // The stack and any foreign message stay on the server; pages translate `problem`.
      return { ...shape, message: problem.key, data: { ...shape.data, stack: undefined, problem } };
    },
  });

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

const asTrpcError = t.middleware(async ({ next }) => {
  const result = await next();
  if (result.ok || result.error.code === 'BAD_REQUEST') return result;
  const problem = asProblem(result.error.cause ?? result.error);
  throw new TRPCError({ code: trpcCodes[problem.code], cause: problem });
});

/**
 * Checks an actor against a rule.
 *
 * @throws Problem `unauthenticated` for a guest, `forbidden` for too little a role or scope
 */
export function checkRule(actor: Actor, rule: Rule): void {
  if (!hasRole(actor, rule.role)) {
    if (actor.userId === undefined) throw new Problem('unauthenticated', 'access.errors.signInFirst');
    throw new Problem('forbidden', 'access.errors.needsRole', { role: rule.role });
  }
  if (!actor.scopes.includes(rule.scope)) {
    throw new Problem('forbidden', 'access.errors.needsScope', { scope: rule.scope });
  }
}

const withRule = t.middleware(({ ctx, meta, next }) => {
  if (!meta) throw new Error('A procedure without a rule: build it with procedure().');
  checkRule(ctx.actor, meta);
  return next();
});

const withRoom = t.middleware(({ ctx, path, next }) => {
  requireRouter(ctx.house.config.rooms, path.split('.')[0] ?? '');
  return next();
});

/** A procedure that guests may call too. Further checks on the resource belong to the room. */
export const openProcedure = t.procedure
  .meta({ role: 'guest', scope: 'read' })
  .use(asTrpcError)
  .use(withRoom)
  .use(withRule);

/**
 * A procedure for signed-in users.
 *
 * @param role the least role that may call it
 * @param scope what a token needs; a browser's session has every scope
 */
export function procedure(role: Exclude<Role, 'guest'>, scope: Scope) {
  return t.procedure
    .meta({ role, scope })
    .use(asTrpcError)
    .use(withRoom)
    .use(withRule)
    .use(({ ctx, next }) => next({ ctx: { ...ctx, actor: requireUser(ctx.actor) } }));
}
