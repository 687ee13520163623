import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { admin } from '../../sites/testing';
import { testEdges } from './testing';

let open: ReturnType<typeof testEdges> | undefined;
afterEach(async () => {
  await open?.edges.close();
  await open?.sites.room.close();
  open = undefined;
});

const readme = readFileSync('README.md', 'utf8');

/** The block of the README that is the content of a file. */
function sample(format: 'yaml' | 'csv', begins: string): string {
  const blocks = [...readme.matchAll(/^```(\w+)\n([^]*?)^```$/gm)];
  const [, , text] = blocks.find(([, name, said]) => name === format && said?.startsWith(begins)) ?? [];
  if (text === undefined) throw new Error(`The README has no ${format} that begins with ${begins}.`);
  return text;
}

describe('the files with edges in the README', () => {
  it('can be imported, and say the same', () => {
    const { edges } = (open = testEdges());
    const yaml = edges.import(admin, { format: 'yaml', text: sample('yaml', '# edges.yaml') });
    expect(yaml.map(({ outcome, problem }) => [outcome, problem])).toEqual([
      ['create', null],
      ['create', null],
      ['create', null],
    ]);
    const csv = edges.previewImport({ format: 'csv', text: sample('csv', 'name,') });
    expect(csv.map(({ name, outcome }) => [name, outcome])).toEqual(
      yaml.map(({ name }) => [name, 'unchanged']),
    );
  });
});
