import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import messages from '@/messages/en/access.json';

/** Names of actions as the rooms write them: `action: 'vm.create'`, or the second word of a call that notes one. */
const written = /(?:action: |(?:note|record|changed)\(actor, (?:\w+, )?)'([a-z]+)\.([a-zA-Z]+)'/g;

it('has words for every action that the rooms write into the audit log', () => {
  const files = readdirSync('server', { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(?<!\.test)\.ts$/.test(name),
  );
  const found = files.flatMap((name) => [...readFileSync(join('server', name), 'utf8').matchAll(written)]);
  const words: Record<string, Record<string, string>> = messages.actions;
  const wordless = found.filter(([, kind = '', verb = '']) => words[kind]?.[verb] === undefined);
  expect(wordless.map(([, kind, verb]) => `${kind}.${verb}`)).toEqual([]);
  expect(found.length).toBeGreaterThan(20);
});
