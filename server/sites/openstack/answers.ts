/** Answers of success: JSON against a schema, and lists that come in pages. */
import { z } from 'zod';
import type { Ask } from './cloud';
import { badAnswer } from './faults';

const maxPages = 1000;

/**
 * Reads an answer's text.
 *
 * @throws Problem `openstack.errors.badAnswer` when it is not JSON or not what the schema says
 */
export function readAnswer<T>(ask: Ask & { schema: z.ZodType<T> }, text: string): T {
  return checked(ask, ask.schema, json(ask, text));
}

function json(ask: Ask, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const start = text.slice(0, 80).replace(/\s+/g, ' ');
    throw badAnswer(ask.service, `${ask.method ?? 'GET'} ${ask.path}: not JSON: ${start}`);
  }
}

function checked<T>(ask: Ask, schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue === undefined ? '' : `${issue.path.join('.')}: ${issue.message}`;
  throw badAnswer(ask.service, `${ask.method ?? 'GET'} ${ask.path}: ${where}`, read.error);
}

const link = z.array(z.object({ rel: z.string(), href: z.string() }));

/**
 * Every page of a list. Nova and neutron link the next page in `<key>_links`, glance in `next`; where an answer links
 * nothing, a page as long as the limit asked for is followed by its last item's id.
 *
 * @param text asks for one page
 * @throws Problem as {@link readAnswer}; also when the pages do not end
 */
export async function readPages<T>(
  ask: Ask & { key: string; schema: z.ZodType<T> },
  text: (page: Ask) => Promise<string>,
): Promise<T[]> {
  const items: T[] = [];
  const seen = new Set<string>();
  let query = firstQuery(ask);
  for (let page = 0; page < maxPages; page += 1) {
    const answer = checked(
      ask,
      z.looseObject({ [ask.key]: z.array(z.unknown()) }),
      json(ask, await text({ ...ask, query })),
    );
    const raw = answer[ask.key] as unknown[];
    items.push(...raw.map((item) => checked(ask, ask.schema, item)));
    const next = nextQuery(ask, query, answer, raw);
    if (next === undefined || raw.length === 0) return items;
    const marker = JSON.stringify(next);
    if (seen.has(marker)) break;
    seen.add(marker);
    query = next;
  }
  throw badAnswer(ask.service, `GET ${ask.path}: the pages of the list do not end`);
}

// Glance gives 25 images a page unless asked for more.
function firstQuery(ask: Ask): NonNullable<Ask['query']> {
  return ask.service === 'image' ? { limit: 200, ...ask.query } : { ...ask.query };
}

function nextQuery(
  ask: Ask & { key: string },
  query: NonNullable<Ask['query']>,
  answer: Record<string, unknown>,
  raw: readonly unknown[],
): NonNullable<Ask['query']> | undefined {
  const links = link.safeParse(answer[`${ask.key}_links`]);
  const href = links.success ? links.data.find((entry) => entry.rel === 'next')?.href : answer.next;
  if (typeof href === 'string') {
    // Only its values: the address may be one that is not reachable from here.
    return { ...query, ...Object.fromEntries(new URL(href, 'http://cloud.invalid').searchParams) };
  }
  const last = z.looseObject({ id: z.string() }).safeParse(raw.at(-1));
  if (query.limit === undefined || raw.length < Number(query.limit) || !last.success) return undefined;
  return { ...query, marker: last.data.id };
}
