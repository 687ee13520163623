import { describe, expect, it } from 'vitest';
import { keyPresses, layoutNames } from './key-layouts';

const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');

describe('keyPresses', () => {
  it('types all of ASCII on a US keyboard', () => {
    expect(keyPresses(ascii, 'us')).toMatchObject({ untypable: [] });
    expect(keyPresses(ascii, 'us').presses).toHaveLength(95);
  });

  it('types all of ASCII but the dead keys on a German keyboard', () => {
    expect(keyPresses(ascii, 'de').untypable).toEqual(['^', '`']);
  });

  it('presses Shift and AltGr where the layout asks for them', () => {
    expect(keyPresses('A@\n', 'us').presses).toEqual([
      { code: 'KeyA', shift: true, altGr: false },
      { code: 'Digit2', shift: true, altGr: false },
      { code: 'Enter', shift: false, altGr: false },
    ]);
    expect(keyPresses('z@', 'de').presses).toEqual([
      { code: 'KeyY', shift: false, altGr: false },
      { code: 'KeyQ', shift: false, altGr: true },
    ]);
  });

  it('names what it cannot type, once each', () => {
    expect(keyPresses('a中文中', 'us').untypable).toEqual(['中', '文']);
  });

  it.each(layoutNames)('has no two characters on one key of %s', (layout) => {
    const { presses } = keyPresses(ascii, layout);
    const keys = presses.map((press) => `${press.code} ${press.shift} ${press.altGr}`);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
