import type { MessageKey } from '@/messages/messages';
import { Problem } from '../problem';

/** Roles from least to most; each may do what those before it may. */
export const roles = ['guest', 'developer', 'operator', 'admin'] as const;
export type Role = (typeof roles)[number];

/** What an API token may be limited to. A session of a browser has all of them. */
export const scopes = ['read', 'write', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** Who is asking: a signed-in user, a token of one, or a guest. */
export interface Actor {
  /** undefined for a guest */
  userId: string | undefined;
  name: string;
  role: Role;
  scopes: readonly Scope[];
  /** How the actor proved who it is; decides whether the CSRF rule applies. */
  via: 'session' | 'token' | 'none' | 'system';
  /** The browser session it came with, so that a person can end the others. */
  sessionId?: string | undefined;
}

/** An actor that certainly is a user. */
export type UserActor = Actor & { userId: string };

/** The actor of a request that carries no proof of identity. */
export const guest: Actor = {
  userId: undefined,
  name: 'guest',
  role: 'guest',
  scopes: ['read'],
  via: 'none',
};

/** The actor of work the server does by itself: adoption at start, clean-up. */
export const system: Actor = { userId: undefined, name: 'system', role: 'admin', scopes, via: 'system' };

/** Tells whether the actor's role is at least the one named. */
export function hasRole(actor: Actor, role: Role): boolean {
  return roles.indexOf(actor.role) >= roles.indexOf(role);
}

/**
 * Narrows to a signed-in user.
 *
 * @throws Problem `unauthenticated` for a guest
 */
export function requireUser(actor: Actor): UserActor {
  if (actor.userId === undefined) throw new Problem('unauthenticated', 'access.errors.signInFirst');
  return actor as UserActor;
}

declare const authorized: unique symbol;

/**
 * A resource on which the actor's right has been checked. Only `authorize` makes one, so a function that
 * takes `Authorized<Project>` cannot be called with a row that nobody checked: it does not compile.
 */
export type Authorized<T> = T & { readonly [authorized]: true };

/**
 * Checks a right on a resource.
 *
 * @param resource the row, or undefined when there is none
 * @param allowed the rule's answer for this actor and row
 * @param notFoundKey message key used both for "is not there" and "is not yours": an id of somebody else's
 *   must not be told apart from one that does not exist
 * @returns the same resource, marked as checked
 * @throws Problem `not_found`
 */
export function authorize<T extends object>(
  resource: T | undefined,
  allowed: (resource: T) => boolean,
  notFoundKey: MessageKey,
): Authorized<T> {
  if (resource === undefined || !allowed(resource)) throw new Problem('not_found', notFoundKey);
  return resource as Authorized<T>;
}
