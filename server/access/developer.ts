import { Problem } from '../problem';
import { hasRole, requireUser, type Actor, type Scope, type UserActor } from './actor';

/**
 * The rule of the routes that answer on raw sockets: developers and more, with a token's scope. What is theirs is
 * checked where it is looked up.
 *
 * @throws Problem `unauthenticated` for a guest, `forbidden`
 */
export function requireDeveloper(given: Actor, scope: Scope): UserActor {
  const actor = requireUser(given);
  if (!hasRole(actor, 'developer'))
    throw new Problem('forbidden', 'access.errors.needsRole', { role: 'developer' });
  if (!actor.scopes.includes(scope)) throw new Problem('forbidden', 'access.errors.needsScope', { scope });
  return actor;
}
