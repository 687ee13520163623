import { createHash } from 'node:crypto';
import { Problem } from '../problem';
import type { iconTypes } from './schemas';

type IconType = (typeof iconTypes)[number];

const maxIconBytes = 256 * 1024;

/**
 * Checks an icon somebody gave.
 *
 * @param icon media type as stated, and the bytes in base64
 * @throws Problem `too_large`; `invalid` when the bytes are not of the type
 */
export function checkedIcon(icon: { type: IconType; base64: string }): { type: IconType; base64: string } {
  const bytes = Buffer.from(icon.base64, 'base64');
  if (bytes.length > maxIconBytes) {
    throw new Problem('too_large', 'store.errors.iconTooLarge', { size: bytes.length, limit: maxIconBytes });
  }
  if (typeOfIcon(bytes) !== icon.type) throw new Problem('invalid', 'store.errors.iconType');
  return icon;
}

/** The media type of a picture by its first bytes; undefined when it is none that the store shows. */
export function typeOfIcon(bytes: Buffer): IconType | undefined {
  if (bytes.subarray(0, 8).toString('hex') === '89504e470d0a1a0a') return 'image/png';
  if (bytes.subarray(0, 3).toString('hex') === 'ffd8ff') return 'image/jpeg';
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP')
    return 'image/webp';
  return /^\uFEFF?\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*<svg[\s>]/.test(bytes.toString('utf8', 0, 2048))
    ? 'image/svg+xml'
    : undefined;
}

/**
 * An icon for an app that has none: its first letters on a ground drawn from its name. The same name always gives the
 * same picture.
 *
 * @param name the app's name
 * @returns SVG, 96 by 96
 */
export function drawnIcon(name: string): string {
  const seed = createHash('sha256').update(name).digest();
  const at = (index: number, below: number) => (seed[index] ?? 0) % below;
  const hue = at(0, 36) * 10;
  const rings = [0, 1, 2].map((ring) => {
    const [x, y, r] = [at(1 + ring * 3, 96), at(2 + ring * 3, 96), 20 + at(3 + ring * 3, 36)];
    return `<circle cx="${x}" cy="${y}" r="${r}" fill="hsl(${(hue + 25 * (ring + 1)) % 360} 62% 46%)" fill-opacity=".55"/>`;
  });
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="96" height="96">',
    '<clipPath id="c"><rect width="96" height="96" rx="20"/></clipPath><g clip-path="url(#c)">',
    `<rect width="96" height="96" fill="hsl(${hue} 58% 38%)"/>${rings.join('')}`,
    '<text x="48" y="50" text-anchor="middle" dominant-baseline="central" font-family="system-ui,sans-serif"',
    ` font-size="40" font-weight="600" fill="#fff">${escapeXml(initialsOf(name))}</text></g></svg>`,
  ].join('');
}

/** Two letters of Latin names, one character of others. */
function initialsOf(name: string): string {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? ['?'];
  const first = letterOf(words[0] ?? '?', 0) ?? '?';
  if (/\p{Script=Han}/u.test(first)) return first;
  const second = words[1] === undefined ? letterOf(words[0] ?? '', 1) : letterOf(words[1], 0);
  return `${first.toUpperCase()}${(second ?? '').toUpperCase()}`;
}

const letterOf = (word: string, index: number) => Array.from(word)[index];

const escapeXml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
