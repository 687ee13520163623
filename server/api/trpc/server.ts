import 'server-only';
import { headers } from 'next/headers';
import { cache } from 'react';
import { houseOf } from '../../house';
import { createCaller } from './router';

/** The actor of the page request that is being rendered. */
export const actorOfRequest = cache(async () => houseOf().access.actorOf(await headers()));

/** Calls procedures as the visitor, from a server component. */
export async function callerOfRequest() {
  return createCaller({ house: houseOf(), actor: await actorOfRequest() });
}
