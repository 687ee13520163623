/** The variables of an openrc file: a shell script of `export` lines, read without running it. */
import { Problem } from '../../problem';

const assignment = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/;

/**
 * The `OS_…` variables of a script, named as clouds.yaml names them (`OS_AUTH_URL` is `auth_url`). What the script
 * would ask the person for, and whatever it unsets, stays out.
 *
 * @throws Problem `invalid` with the line: an open quote, or a value that another program would make
 */
export function variablesIn(text: string): Map<string, { value: string; line: number }> {
  const said = new Map<string, { value: string; line: number }>();
  const known = new Map<string, string>();
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const match = assignment.exec(raw);
    if (!match) continue;
    const [, name = '', rest = ''] = match;
    if (!name.startsWith('OS_')) continue;
    const value = shellWord(rest, known, line, name);
    known.set(name, value);
    said.set(name.slice('OS_'.length).toLowerCase(), { value, line });
  }
  return said;
}

/** The first word after `=` as a POSIX shell reads it: quotes, backslashes, and variables that were set before. */
function shellWord(text: string, known: ReadonlyMap<string, string>, line: number, name: string): string {
  let word = '';
  let at = 0;
  let quote: '"' | "'" | undefined;
  while (at < text.length) {
    const char = text.charAt(at);
    if (quote === undefined && /[\s;#&|]/.test(char)) break;
    if (quote === "'" && char !== "'") word += char;
    else if (char === quote) quote = undefined;
    else if (quote === undefined && (char === '"' || char === "'")) quote = char;
    else if (char === '\\' && (quote === undefined || /["\\$`]/.test(text.charAt(at + 1)))) {
      at += 1;
      word += text.charAt(at);
    } else if (char === '`' || (char === '$' && text.charAt(at + 1) === '(')) {
      throw new Problem('invalid', 'sites.import.runsProgram', { line, name });
    } else if (char === '$') {
      const variable = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?-([^}]*))?\})/.exec(text.slice(at));
      if (variable) {
        word += known.get(variable[1] ?? variable[2] ?? '') || (variable[3] ?? '');
        at += variable[0].length - 1;
      } else word += char;
    } else word += char;
    at += 1;
  }
  if (quote !== undefined) throw new Problem('invalid', 'sites.import.openQuote', { line, name });
  return word;
}
