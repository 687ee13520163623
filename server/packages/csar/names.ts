import { createHash } from 'node:crypto';

/**
 * A file name made from a person's words: ASCII only, because old unzip programs spoil other letters.
 *
 * @param words a project's or image's name
 * @returns letters, digits, `.`, `_`, `-`; a name of only other letters becomes `app-` and eight hex digits
 */
export function fileNameOf(words: string): string {
  const plain = words
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[._-]+|[._-]+$/g, '')
    .slice(0, 80);
  if (plain !== '') return plain;
  return `app-${createHash('sha256').update(words).digest('hex').slice(0, 8)}`;
}
