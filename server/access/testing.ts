import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig, type Config } from '../config';
import { testDatabase } from '../db/testing';
import { openEvents } from '../jobs/events';
import { openLog } from '../log';
import { openAccess } from './access';

const origin = 'http://127.0.0.1:3000';

/** The room on an empty in-memory database, with a new key in a folder of its own. */
export function testAccess(oidc?: Config['oidc']) {
  const folder = mkdtempSync(join(tmpdir(), 'edgeyard-access-'));
  const config = { ...readConfig({ EDGEYARD_DATA: folder, EDGEYARD_LOG: 'silent' }), oidc };
  const db = testDatabase();
  const events = openEvents();
  const log = openLog('silent');
  const access = openAccess({ db, config, events, log });

  /** Sends one of the doors a JSON body, as a page of this site does. */
  const post = (door: string, body: object, cookie = '') =>
    access.handler(
      new Request(`${origin}/api/auth/${door}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin, cookie, 'x-edgeyard-peer': '192.0.2.1' },
        body: JSON.stringify(body),
      }),
    );

  /** Makes the administrator by the one-time link; returns the cookie and the actor. */
  const administrator = async () => {
    const token = tokenIn(access.setupLink(origin) ?? '');
    const response = await post('setup', { token, ...anna });
    if (response.status !== 204) throw new Error(await response.text());
    const cookie = cookieOf(response);
    const actor = await access.actorOf(new Headers({ cookie }));
    return { cookie, actor: { ...actor, userId: actor.userId ?? '' } };
  };
  return { access, db, config, events, post, administrator };
}

/** The first administrator of the tests. */
export const anna = { name: 'Anna', email: 'anna@example.org', password: 'correct horse battery' };

/** The token in a one-time link. */
export function tokenIn(link: string): string {
  return new URL(link).searchParams.get('token') ?? '';
}

/** What a browser would send back after this response. */
export function cookieOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ');
}
