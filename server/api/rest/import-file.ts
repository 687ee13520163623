import { text } from 'node:stream/consumers';
import type { z } from '@hono/zod-openapi';
import type { HonoRequest } from 'hono';
import { Problem } from '../../problem';
import { importLoginSchema, maxImportLength } from '../../sites/schemas';
import { readMultipart } from './multipart';

/**
 * A file of logins, however it was sent: as `text` in JSON, or as the files of a form, one after the other. Its `kind`
 * stands beside it; OpenStack's where it does not.
 *
 * @throws Problem `invalid` for another body or kind, `too_large`
 */
export async function loginsFile(request: HonoRequest): Promise<z.infer<typeof importLoginSchema>> {
  const multipart = /^multipart\//i.test(request.header('content-type') ?? '');
  const sent = multipart ? await formOf(request.raw) : await request.json<unknown>().catch(() => undefined);
  const parsed = importLoginSchema.safeParse(sent);
  if (!parsed.success) throw new Problem('invalid', 'problems.badBody');
  return parsed.data;
}

async function formOf(request: Request): Promise<{ kind: string | undefined; text: string }> {
  const texts: string[] = [];
  let bytes = 0;
  const limits = { fieldBytes: 200, fields: 4, files: 4 };
  const fields = await readMultipart(request, limits, async ({ content }) => {
    content.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxImportLength) content.destroy(tooLarge());
    });
    texts.push(await text(content));
  });
  return { kind: fields.get('kind'), text: texts.join('\n') };
}

function tooLarge(): Problem {
  return new Problem('too_large', 'sites.import.tooLarge', { limit: maxImportLength });
}
