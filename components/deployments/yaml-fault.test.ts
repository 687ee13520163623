import { describe, expect, it } from 'vitest';
import { yamlFault } from './yaml-fault';

describe('values', () => {
  it('may be names and values, or nothing', () => {
    for (const text of ['', '# nothing yet\n', 'replicas: 2\nimage:\n  tag: "1"\n']) {
      expect(yamlFault(text)).toBeUndefined();
    }
  });

  it('tell the line of what is no YAML', () => {
    const fault = yamlFault('a: 1\nb: [2\nc: 3\n');
    expect(fault?.line).toBeGreaterThan(1);
    expect(fault?.message).toMatch(/./);
  });

  it('are no list and no lone word', () => {
    expect(yamlFault('- a\n')).toEqual({ line: 1, message: undefined });
    expect(yamlFault('word')).toEqual({ line: 1, message: undefined });
  });
});
