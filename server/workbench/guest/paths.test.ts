import { describe, expect, it } from 'vitest';
import { partName, resolveGuestPath, shellQuote, uploadNameParts } from './paths';

describe('paths in the guest', () => {
  it('begin at the home, or at the root', () => {
    expect(resolveGuestPath('', '/root')).toBe('/root');
    expect(resolveGuestPath('a/../b//c', '/root')).toBe('/root/b/c');
    expect(resolveGuestPath('../../../..', '/root')).toBe('/');
    expect(resolveGuestPath('/etc/./x', '/root')).toBe('/etc/x');
    expect(() => resolveGuestPath('a\u0000b', '/root')).toThrow('badName');
    expect(() => resolveGuestPath('长'.repeat(86), '/root')).toThrow('nameTooLong');
  });

  it.each(['', '/a', 'a/', 'a//b', './a', 'a/../b', '..', 'a\tb'])(
    'refuse %j as the name of an upload',
    (name) => {
      expect(() => uploadNameParts(name)).toThrow('badName');
    },
  );

  it('keep the folders of a dropped folder', () => {
    expect(uploadNameParts('docs/子 目录/a.txt')).toEqual({ folders: ['docs', '子 目录'], file: 'a.txt' });
  });

  it('give a part a name that file systems take, and that tells what it is', () => {
    expect(partName('a.txt', 'up_1')).toBe('.a.txt.part-up_1');
    const long = partName('长'.repeat(85), 'up_1');
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(255);
    expect(long).toMatch(/^\.长+\.part-up_1$/);
  });

  it('are one word for a shell', () => {
    expect(shellQuote("it's $(x) `y`")).toBe(`'it'\\''s $(x) \`y\`'`);
  });
});
