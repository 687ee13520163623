import type { Context, TypedResponse } from 'hono';
import type { RestEnv } from './route';

/** One line of JSON for each light of a test, as soon as it is on. */
export const ndjson = 'application/x-ndjson';

/** Whether the caller asked for lines. */
export const wantsLines = (c: Context<RestEnv>) => c.req.header('accept')?.includes(ndjson) === true;

/** An answer that grows by a line for each light; it is cut when the test breaks off. */
export function lines<Light>(
  found: AsyncIterable<Light>,
): Response & TypedResponse<{ lights: Light[] }, 200, 'json'> {
  const all = found[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await all.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
    },
    async cancel() {
      await all.return?.();
    },
  });
  // zod-openapi knows one type for the answers of a status, and takes that of the JSON.
  return new Response(stream, {
    headers: { 'content-type': ndjson, 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' },
  }) as Response & TypedResponse<{ lights: Light[] }, 200, 'json'>;
}
