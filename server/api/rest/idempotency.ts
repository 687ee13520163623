import { createHash } from 'node:crypto';
import { and, eq, isNull, lt } from 'drizzle-orm';
import type { Context, MiddlewareHandler } from 'hono';
import type { Db } from '../../db/database';
import { Problem } from '../../problem';
import type { RestEnv } from './route';
import { idempotentRequests as requests } from './tables';

/** How long an answer is kept, in milliseconds. */
const keepFor = 24 * 60 * 60 * 1000;

/**
 * Honours `Idempotency-Key` on POST, after draft-ietf-httpapi-idempotency-key-header: the same request again from the
 * same user gets the first one's answer, marked `Idempotent-Replay: true`. Only successes are kept, so that a request
 * which failed can be sent again. Answers that hold a secret (`Cache-Control: no-store`) are not kept, only that they
 * were given. Guests have no identity to keep an answer for, and are not served from it.
 *
 * @param db where answers are kept; what a crash left in the middle is forgotten now
 * @param now milliseconds since 1970
 */
export function idempotency(db: Db, now = Date.now): MiddlewareHandler<RestEnv> {
  db.delete(requests).where(isNull(requests.status)).run();
  return async (c, next) => {
    const key = c.req.header('idempotency-key');
    const actorId = c.get('actor').userId;
    if (c.req.method !== 'POST' || key === undefined || actorId === undefined) {
      await next();
      return undefined;
    }
    if (key.length === 0 || key.length > 255) {
      throw new Problem('invalid', 'api.errors.badIdempotencyKey', { limit: 255 });
    }
    const requestHash = await hashOf(c);
    const mine = and(eq(requests.actorId, actorId), eq(requests.key, key));
    const earlier = db.transaction((tx) => {
      tx.delete(requests)
        .where(lt(requests.createdAt, now() - keepFor))
        .run();
      const found = tx.select().from(requests).where(mine).get();
      if (!found) tx.insert(requests).values({ actorId, key, requestHash, createdAt: now() }).run();
      return found;
    });
    if (earlier) return replay(earlier, requestHash);
    let kept = false;
    try {
      await next();
      kept = await keep(db, mine, c.res);
    } finally {
      if (!kept) db.delete(requests).where(mine).run();
    }
    return undefined;
  };
}

/** @throws Problem `conflict` when the key was used for something else, is in use, or its answer is not kept */
function replay(earlier: typeof requests.$inferSelect, requestHash: string): Response {
  if (earlier.requestHash !== requestHash) throw new Problem('conflict', 'api.errors.idempotencyKeyReused');
  if (earlier.status === null) throw new Problem('conflict', 'api.errors.idempotencyKeyInUse');
  if (earlier.body === null) throw new Problem('conflict', 'api.errors.answerNotKept');
  const headers = new Headers({ 'idempotent-replay': 'true' });
  if (earlier.contentType !== null) headers.set('content-type', earlier.contentType);
  if (earlier.location !== null) headers.set('location', earlier.location);
  const bodyless = earlier.status === 204 || earlier.status === 304;
  return new Response(bodyless ? null : earlier.body, { status: earlier.status, headers });
}

/** @returns whether the answer was a success, and is remembered */
async function keep(db: Db, mine: ReturnType<typeof and>, response: Response): Promise<boolean> {
  if (!response.ok) return false;
  const secret = response.headers.get('cache-control')?.includes('no-store') ?? false;
  db.update(requests)
    .set({
      status: response.status,
      body: secret ? null : await response.clone().text(),
      contentType: response.headers.get('content-type'),
      location: response.headers.get('location'),
    })
    .where(mine)
    .run();
  return true;
}

/** Forms and files stream past us, so of those only the length is compared. */
async function hashOf(c: Context<RestEnv>): Promise<string> {
  const hash = createHash('sha256').update(`${c.req.method} ${c.req.path}\n`);
  const type = c.req.header('content-type') ?? 'application/json';
  if (type.startsWith('application/json')) hash.update(await c.req.text());
  else hash.update(c.req.header('content-length') ?? '');
  return hash.digest('hex');
}
