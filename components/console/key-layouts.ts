/**
 * Typing text into a guest means pressing keys: a boot loader knows no characters, only scan codes, and reads them by
 * its own layout. These tables say which physical key (KeyboardEvent.code, US positions) gives which character.
 */

export interface KeyPress {
  code: string;
  shift: boolean;
  altGr: boolean;
}

const rowCodes = [
  'Backquote Digit1 Digit2 Digit3 Digit4 Digit5 Digit6 Digit7 Digit8 Digit9 Digit0 Minus Equal',
  'KeyQ KeyW KeyE KeyR KeyT KeyY KeyU KeyI KeyO KeyP BracketLeft BracketRight Backslash',
  'KeyA KeyS KeyD KeyF KeyG KeyH KeyJ KeyK KeyL Semicolon Quote',
  'KeyZ KeyX KeyC KeyV KeyB KeyN KeyM Comma Period Slash IntlBackslash',
].map((row) => row.split(' '));

/** A space in a row means: a dead key or nothing to type there. */
interface LayoutRows {
  plain: string[];
  shift: string[];
  altGr?: Record<string, string>;
}

const layouts = {
  us: {
    plain: ['`1234567890-=', 'qwertyuiop[]\\', "asdfghjkl;'", 'zxcvbnm,./'],
    shift: ['~!@#$%^&*()_+', 'QWERTYUIOP{}|', 'ASDFGHJKL:"', 'ZXCVBNM<>?'],
  },
  uk: {
    plain: ['`1234567890-=', 'qwertyuiop[]#', "asdfghjkl;'", 'zxcvbnm,./\\'],
    shift: ['¬!"£$%^&*()_+', 'QWERTYUIOP{}~', 'ASDFGHJKL:@', 'ZXCVBNM<>?|'],
  },
  de: {
    plain: [' 1234567890ß ', 'qwertzuiopü+#', 'asdfghjklöä', 'yxcvbnm,.-<'],
    shift: ['°!"§$%&/()=? ', "QWERTZUIOPÜ*'", 'ASDFGHJKLÖÄ', 'YXCVBNM;:_>'],
    altGr: {
      KeyQ: '@',
      KeyE: '€',
      Digit7: '{',
      Digit8: '[',
      Digit9: ']',
      Digit0: '}',
      Minus: '\\',
      BracketRight: '~',
      IntlBackslash: '|',
    },
  },
} satisfies Record<string, LayoutRows>;

export type LayoutName = keyof typeof layouts;
export const layoutNames: readonly LayoutName[] = ['us', 'uk', 'de'];

/**
 * The key presses that type a text.
 *
 * @param text what to type; line breaks become Enter
 * @param layout the keyboard layout the guest is set to
 * @returns the presses in order, and the characters that this layout cannot type
 */
export function keyPresses(text: string, layout: LayoutName): { presses: KeyPress[]; untypable: string[] } {
  const table = tableOf(layouts[layout]);
  const presses: KeyPress[] = [];
  const untypable = new Set<string>();
  for (const character of text.replaceAll('\r\n', '\n')) {
    const press = table.get(character);
    if (press) presses.push(press);
    else untypable.add(character);
  }
  return { presses, untypable: [...untypable] };
}

function tableOf(layout: LayoutRows): Map<string, KeyPress> {
  const table = new Map<string, KeyPress>([
    [' ', { code: 'Space', shift: false, altGr: false }],
    ['\n', { code: 'Enter', shift: false, altGr: false }],
    ['\t', { code: 'Tab', shift: false, altGr: false }],
  ]);
  const addRow = (characters: string, codes: string[], shift: boolean) => {
    Array.from(characters).forEach((character, index) => {
      const code = codes[index];
      if (code !== undefined && character !== ' ') table.set(character, { code, shift, altGr: false });
    });
  };
  rowCodes.forEach((codes, row) => {
    addRow(layout.plain[row] ?? '', codes, false);
    addRow(layout.shift[row] ?? '', codes, true);
  });
  for (const [code, character] of Object.entries(layout.altGr ?? {})) {
    table.set(character, { code, shift: false, altGr: true });
  }
  return table;
}
