import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { messagesOf } from './messages';

// Pages' keys are proven by types; those of the server are data: texts in rows, reports, logs and forms' rules.
const namespaces = Object.keys(messagesOf('en')).join('|');
/** A literal that is a key: a problem's, or one of three words and more. Actions and kinds of jobs have two. */
const literal = new RegExp(`'((?:problems(?:\\.\\w+)+)|(?:${namespaces})(?:\\.[\\w/-]+){2,})'`, 'g');
/** The part of a key in a template that is always there. */
const template = new RegExp(`\`((?:${namespaces})\\.(?:\\w+\\.)+)\\w*\\$\\{`, 'g');
/** How a kind of job is defined: its name and its steps, written out or by a constant's name. */
const definition = /(?:kind: |define\(\w+, )('[\w.-]+'|\w+Kind),\s+(?:steps: )?(\[[^\]]*\]|\w+Steps)/g;

const files = readdirSync('server', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !/\.test\.ts$|testing/.test(name))
  .map((name) => ({ name, text: readFileSync(join('server', name), 'utf8') }));

describe('keys on the server', () => {
  it('have texts', () => {
    const used = keysOf(literal);
    expect(used.filter(([, key]) => typeof textAt(key) !== 'string')).toEqual([]);
    expect(used.length).toBeGreaterThan(500);
  });

  it('that are put together begin like texts', () => {
    const used = keysOf(template);
    expect(used.filter(([, key]) => typeof textAt(key.slice(0, -1)) !== 'object')).toEqual([]);
    expect(used.length).toBeGreaterThan(20);
  });
});

it('has words for every kind of job and its steps', () => {
  const keys = files
    .filter(({ name }) => name !== join('jobs', 'crash-worker.ts'))
    .flatMap(({ text }) => [...text.matchAll(definition)])
    .flatMap(([, kinds = '', steps = '']) => {
      const [kind = ''] = words(kinds);
      return [`jobs.kinds.${kind}`, ...words(steps).map((step) => `jobs.steps.${kind}.${step}`)];
    });
  expect(keys.filter((key) => typeof textAt(key) !== 'string')).toEqual([]);
  expect(keys.length).toBeGreaterThan(80);
});

/** The words of a literal or a list; a constant's stand where it is made. */
function words(source: string): string[] {
  return [...source.matchAll(/'([^']+)'|(\w+)/g)].flatMap(([, word, constant]) => {
    if (word !== undefined) return [word];
    const made = new RegExp(`const ${constant} = ('[^']+'|\\[[^\\]]*\\])`);
    const [, value = ''] = files.map(({ text }) => made.exec(text)).find((match) => match !== null) ?? [];
    return words(value);
  });
}

/** Every key that a pattern finds, with its file. */
function keysOf(pattern: RegExp): [file: string, key: string][] {
  return files.flatMap(({ name, text }) =>
    [...text.matchAll(pattern)].map(([, key = '']): [string, string] => [name, key]),
  );
}

function textAt(key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>((tree, name) => (tree as Record<string, unknown> | undefined)?.[name], messagesOf('en'));
}
