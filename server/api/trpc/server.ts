import 'server-only';
import { headers } from 'next/headers';
import { cache } from 'react';
import { houseOf } from '../../house';
import { createCaller } from './router';

/** The actor of the page request that is being rendered. */
export const actorOfRequest = cache(async () => houseOf().access.actorOf(await headers()));

/** What the shell around every page knows of the visitor. */
export async function visitorOfRequest() {
  const { userId, name, role } = await actorOfRequest();
  return { userId, name, role, played: houseOf().config.rooms };
}

/** Calls procedures as the visitor, from a server component. */
export async function callerOfRequest() {
  return createCaller({ house: houseOf(), actor: await actorOfRequest() });
}
