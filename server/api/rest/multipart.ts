import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { Busboy } from '@fastify/busboy';
import { Problem } from '../../problem';

/** A file part, while its bytes are passing. */
export interface FilePart {
  field: string;
  fileName: string;
  type: string;
  content: Readable;
}

export interface MultipartLimits {
  /** Bytes of one plain field. */
  fieldBytes: number;
  fields: number;
  files: number;
}

/**
 * Reads a multipart body as it comes: files are handed over as streams, so that none is ever held in memory.
 *
 * @param request the request; its body is consumed
 * @param limits bounds of the plain parts; how many bytes of a file are too many, `onFile` decides
 * @param onFile called for each file, with the fields that stood before it; must consume or destroy its content
 * @returns plain fields by name
 * @throws Problem `invalid` for a body that is no multipart or breaks the limits; whatever `onFile` throws
 */
export async function readMultipart(
  request: Request,
  limits: MultipartLimits,
  onFile: (part: FilePart, fields: ReadonlyMap<string, string>) => Promise<void>,
): Promise<Map<string, string>> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^multipart\/form-data\s*;/i.test(type) || request.body === null) {
    throw new Problem('invalid', 'problems.badBody');
  }
  const body = Readable.fromWeb(request.body as ReadableStream);
  const parser = new Busboy({
    headers: { 'content-type': type },
    limits: { fieldSize: limits.fieldBytes, fields: limits.fields, files: limits.files },
  });
  const fields = new Map<string, string>();
  const files: Promise<void>[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const refuse = () => {
        reject(new Problem('invalid', 'problems.badBody'));
      };
      parser.on('field', (name, value, _nameCut, valueCut) => {
        if (valueCut) refuse();
        else fields.set(name, value);
      });
      parser.on('file', (field, content, fileName, _encoding, mimeType) => {
        const taken = onFile({ field, fileName: fileName ?? '', type: mimeType, content }, fields);
        files.push(taken);
        // A refused file ends the whole: its sender would go on for gigabytes.
        taken.catch(reject);
      });
      parser.on('fieldsLimit', refuse);
      parser.on('filesLimit', refuse);
      parser.on('error', refuse);
      parser.on('finish', resolve);
      body.on('error', reject);
      body.pipe(parser);
    });
    await Promise.all(files);
    return fields;
  } finally {
    body.unpipe(parser);
    body.destroy();
  }
}
