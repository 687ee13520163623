import { describe, expect, it } from 'vitest';
import { formatOf, importExamples } from './import-example';

describe('files with edges', () => {
  it.each(['yaml', 'csv'] as const)('are told by their text: %s', (format) => {
    expect(formatOf(importExamples[format])).toBe(format);
  });

  it('are told by their names first', () => {
    expect(formatOf('a: b', 'edges.CSV')).toBe('csv');
    expect(formatOf('a,b', 'edges.yml')).toBe('yaml');
    expect(formatOf('# list\n\nname,kind', 'edges.txt')).toBe('csv');
  });
});
