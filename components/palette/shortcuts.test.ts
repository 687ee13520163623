import { describe, expect, it } from 'vitest';
import { matchShortcut, nameOfPress } from './shortcuts';

const press = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey', boolean>> = {}) =>
  nameOfPress({ key, ctrlKey: false, metaKey: false, altKey: false, ...held });

describe('shortcuts', () => {
  it('names presses as people write them', () => {
    expect(press('K', { metaKey: true })).toBe('mod+k');
    expect(press('k', { ctrlKey: true })).toBe('mod+k');
    expect(press('?')).toBe('?');
    expect(press('Shift')).toBeUndefined();
  });

  it('finds single keys and sequences', () => {
    const known = ['g p', 'g s', '?', 'mod+k'];
    expect(matchShortcut(known, undefined, '?')).toEqual({ shortcut: '?' });
    expect(matchShortcut(known, undefined, 'g')).toBe('begun');
    expect(matchShortcut(known, 'g', 's')).toEqual({ shortcut: 'g s' });
    expect(matchShortcut(known, 'g', 'x')).toBeUndefined();
    expect(matchShortcut(known, undefined, 's')).toBeUndefined();
  });
});
