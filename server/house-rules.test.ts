import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const folders = ['app', 'bench', 'components', 'e2e', 'messages', 'server', 'types'];
const files = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name)),
);
const sources = files.filter((file) => /\.(tsx?|mts|sh)$/.test(file));
const thisFile = join('server', 'house-rules.test.ts');

/** Files whose text breaks a rule, with the line, so that the failure says where to look. */
function offenders(rule: RegExp, among = sources): string[] {
  return among
    .filter((file) => file !== thisFile)
    .flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .flatMap((line, index) => (rule.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : [])),
    );
}

describe('house rules', () => {
  it('has no asynchronous transaction: better-sqlite3 would commit half of it', () => {
    expect(offenders(/transaction\(\s*async/)).toEqual([]);
  });

  it('has no file over 400 lines', () => {
    const long = sources.filter((file) => readFileSync(file, 'utf8').split('\n').length > 401);
    expect(long).toEqual([]);
  });

  it('names files after what they hold', () => {
    const vague = /^(index|utils?|helpers?|manager|common|misc)\.(tsx?|mts)$/;
    expect(files.filter((file) => vague.test(basename(file)))).toEqual([]);
  });

  it('names files in kebab case', () => {
    const kebab = /^[a-z0-9]+([.-][a-z0-9]+)*\.(tsx?|mts|sh)$/;
    expect(sources.filter((file) => !kebab.test(basename(file)))).toEqual([]);
  });

  it('waits for states, never for time', () => {
    const tests = sources.filter((file) => /\.(test|spec)\.ts$/.test(file));
    expect(
      offenders(
        // A skip names what the machine lacks, as condition and in words.
        /waitForTimeout\(|test\.(only|fixme)\(|test\.skip\((?!!\w+, ')|describe\.(skip|only)\(|\bit\.(skip|only)\(/,
        tests,
      ),
    ).toEqual([]);
  });

  it('leaves nothing open', () => {
    expect(offenders(/\b(TODO|FIXME|XXX)\b/)).toEqual([]);
  });

  it('keeps raw colours out of feature code', () => {
    const features = files.filter(
      (file) => /^(app|components\/(?!ui\/))/.test(file) && file.endsWith('.tsx'),
    );
    expect(
      offenders(
        /\b(dark:|(bg|text|border)-(red|green|blue|gray|slate|zinc|amber|yellow)-\d{2,3}\b)/,
        features,
      ),
    ).toEqual([]);
  });
});
