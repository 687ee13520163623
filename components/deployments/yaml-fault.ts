import { isMap, parseDocument } from 'yaml';

/**
 * What keeps a text from being values of a chart.
 *
 * @returns undefined for YAML of names and values, or nothing at all; else the line, counted from 1, and the parser's
 *   words, which are undefined for YAML of another shape
 */
export function yamlFault(text: string): { line: number; message: string | undefined } | undefined {
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  if (error) {
    // Below the first line the parser shows the place, which the editor does itself.
    return { line: error.linePos?.[0].line ?? 1, message: error.message.split(/ at line \d|\n/)[0] };
  }
  const { contents } = document;
  return contents === null || isMap(contents) ? undefined : { line: 1, message: undefined };
}
