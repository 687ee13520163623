import { posix } from 'node:path';
import { Problem } from '../../problem';

const controlCharacters = /\p{Cc}/u;

/**
 * Resolves a path that somebody asked for.
 *
 * @param path absolute, or relative to the home; empty for the home itself
 * @param home absolute path of the login's home
 * @returns the absolute path without `.`, `..` and double slashes
 * @throws Problem `invalid` for control characters or a name longer than file systems take
 */
export function resolveGuestPath(path: string, home: string): string {
  checkCharacters(path);
  const resolved = posix.resolve(home, path);
  for (const name of resolved.split('/')) checkLength(name);
  return resolved;
}

/**
 * Splits the name of an upload into folders and file name. Browsers give `folder/sub/name` for dropped folders; such a
 * path must stay below the folder it was dropped on.
 *
 * @throws Problem `invalid` for an absolute path, `..`, an empty part or a control character
 */
export function uploadNameParts(name: string): { folders: string[]; file: string } {
  checkCharacters(name);
  const parts = name.split('/');
  for (const part of parts) {
    if (part === '' || part === '.' || part === '..') {
      throw new Problem('invalid', 'files.errors.badName', { name });
    }
    checkLength(part);
  }
  const file = parts.pop() ?? '';
  return { folders: parts, file };
}

/**
 * The hidden name under which a file grows. The file's own name is in it as far as it fits, so that a person who finds a
 * left-over part knows what it was.
 */
export function partName(file: string, uploadId: string): string {
  const tail = `.part-${uploadId}`;
  let head = file;
  while (Buffer.byteLength(head) + tail.length + 1 > 255) head = Array.from(head).slice(0, -1).join('');
  return `.${head}${tail}`;
}

/** A word for a POSIX shell, quoted. */
export function shellQuote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function checkCharacters(path: string): void {
  if (controlCharacters.test(path)) {
    throw new Problem('invalid', 'files.errors.badName', {
      name: path.replace(/\p{Cc}/gu, '?'),
    });
  }
}

function checkLength(name: string): void {
  if (Buffer.byteLength(name) > 255) throw new Problem('invalid', 'files.errors.nameTooLong', { name });
}
