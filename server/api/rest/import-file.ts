import { text } from 'node:stream/consumers';
import type { HonoRequest } from 'hono';
import { Problem } from '../../problem';
import { importLoginSchema, maxImportLength } from '../../sites/schemas';
import { readMultipart } from './multipart';

/**
 * The text of a file of logins, however it was sent: as `text` in JSON, or as the files of a form, one after the other.
 *
 * @throws Problem `invalid` for another body, `too_large`
 */
export async function textOfUpload(request: HonoRequest): Promise<string> {
  if (!/^multipart\//i.test(request.header('content-type') ?? '')) {
    const parsed = importLoginSchema.safeParse(await request.json().catch(() => undefined));
    if (!parsed.success) throw new Problem('invalid', 'problems.badBody');
    return parsed.data.text;
  }
  const texts: string[] = [];
  const limits = { fieldBytes: maxImportLength, fields: 4, files: 4 };
  await readMultipart(request.raw, limits, async ({ content }) => {
    let bytes = 0;
    content.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxImportLength) content.destroy(tooLarge());
    });
    texts.push(await text(content));
  });
  return texts.join('\n');
}

function tooLarge(): Problem {
  return new Problem('too_large', 'sites.import.tooLarge', { limit: maxImportLength });
}
