import { hasRole, requireUser, type Actor, type Scope } from '../../access/actor';
import { Problem } from '../../problem';

/**
 * The rule of the routes that answer on raw sockets: developers and more, with a token's scope. Whether the VM is theirs
 * is checked where the VM is looked up.
 *
 * @throws Problem `unauthenticated` for a guest, `forbidden`
 */
export function requireDeveloper(actor: Actor, scope: Scope): void {
  requireUser(actor);
  if (!hasRole(actor, 'developer'))
    throw new Problem('forbidden', 'access.errors.needsRole', { role: 'developer' });
  if (!actor.scopes.includes(scope)) throw new Problem('forbidden', 'access.errors.needsScope', { scope });
}
