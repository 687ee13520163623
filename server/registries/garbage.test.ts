import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { bundledPaths } from './bundled-process';
import { bytesOfRole, giveBack, holdYoung, makeOld, storedBytes } from './garbage';

const never = new AbortController().signal;
const hex = (letter: string) => letter.repeat(64);

function contents() {
  const paths = bundledPaths(mkdtempSync(join(tmpdir(), 'edgeyard-garbage-')));
  const root = join(paths.contents, 'docker/registry/v2');
  const blob = (name: string) => join(root, 'blobs/sha256', name.slice(0, 2), name, 'data');
  const write = (file: string, text: string) => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  return {
    paths,
    blob,
    write,
    link: (repository: string, name: string) =>
      write(join(root, 'repositories', repository, '_layers/sha256', name, 'link'), `sha256:${name}`),
  };
}

it('brings back young blobs that a collection took, and leaves the old ones gone', async () => {
  const { paths, blob, write } = contents();
  for (const name of [hex('a'), hex('b'), hex('c')]) write(blob(name), '12345');
  const yesterday = Date.now() / 1000 - 2 * 86_400;
  utimesSync(blob(hex('b')), yesterday, yesterday);
  await makeOld(paths, [`sha256:${hex('c')}`]);
  await holdYoung(paths, Date.now(), never);
  for (const name of [hex('a'), hex('b'), hex('c')]) rmSync(dirname(blob(name)), { recursive: true });
  expect(await giveBack(paths)).toBe(5);
  expect([hex('a'), hex('b'), hex('c')].map((name) => existsSync(blob(name)))).toEqual([true, false, false]);
  expect(existsSync(paths.held)).toBe(false);
  expect(await giveBack(paths)).toBe(0);
});

it('counts what a role names once, and leaves out what was collected', async () => {
  const { paths, blob, write, link } = contents();
  write(blob(hex('a')), '12345');
  write(blob(hex('b')), '1234567890');
  link('store/app', hex('a'));
  link('store/other/app', hex('a'));
  link('store/app', hex('c'));
  link('workbench/app', hex('b'));
  expect(await bytesOfRole(paths, 'store')).toBe(5);
  expect(await bytesOfRole(paths, 'operations')).toBe(0);
  expect(await storedBytes(paths)).toBe(15);
});
