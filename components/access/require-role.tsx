import 'server-only';
import { headers } from 'next/headers';
import { forbidden, redirect } from 'next/navigation';
import { hasRole, requireUser, type Role, type UserActor } from '@/server/access/actor';
import { actorOfRequest } from '@/server/api/trpc/server';

/**
 * Lets only people with a role see a page. Call it first in the page: a guest is sent to sign in and comes back; a
 * user with less gets the page that says so. The procedures behind the page check again.
 *
 * @param role least role
 * @returns the signed-in user
 */
export async function requirePageRole(role: Exclude<Role, 'guest'>): Promise<UserActor> {
  const actor = await actorOfRequest();
  if (actor.userId === undefined) redirect(`/sign-in?next=${encodeURIComponent(await here())}`);
  if (!hasRole(actor, role)) forbidden();
  return requireUser(actor);
}

/** The page's own address: the server stamps it, because Next tells it to no server component. */
async function here(): Promise<string> {
  const url = new URL((await headers()).get('x-edgeyard-url') ?? '/', 'http://here.invalid');
  url.searchParams.delete('_rsc');
  return `${url.pathname}${url.search}`;
}
