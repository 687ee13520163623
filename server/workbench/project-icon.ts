import { Problem } from '../problem';
import { maxIconBytes, type IconInput } from './schemas';

const pngMark = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

// What makes an SVG more than a picture: scripts, event handlers, embedded pages, entities, and things loaded from
// elsewhere. Icons are shown as <img>, where none of it runs; packages carry them to places that may be less careful.
const activeSvg = [
  /<\s*(script|foreignObject|iframe|embed|object|handler|listener|set|animate\w*)\b/i,
  /\bon[a-z]+\s*=/i,
  /<!(DOCTYPE|ENTITY)/i,
  /\bhref\s*=(?!\s*["']?\s*(#|data:image\/(png|jpeg|webp);))/i,
  /(url\s*\((?!\s*["']?\s*#)|@import|javascript:)/i,
];

/**
 * Checks an icon: its size, that it is what it says it is, and that an SVG is a picture only.
 *
 * @returns the file's bytes
 * @throws Problem `too_large`, or `invalid` that names the rule
 */
export function checkIcon(icon: IconInput): Buffer {
  const data = Buffer.from(icon.data, 'base64');
  if (data.length > maxIconBytes) {
    throw new Problem('too_large', 'workbench.errors.iconTooLarge', { limit: maxIconBytes / 1024 });
  }
  if (!isOfType(icon.type, data)) {
    throw new Problem('invalid', 'workbench.errors.iconNotOfType', { type: icon.type });
  }
  if (icon.type === 'image/svg+xml' && activeSvg.some((rule) => rule.test(data.toString('utf8')))) {
    throw new Problem('invalid', 'workbench.errors.iconActive');
  }
  return data;
}

function isOfType(type: IconInput['type'], data: Buffer): boolean {
  if (type === 'image/png') return data.subarray(0, 8).equals(pngMark);
  if (type === 'image/webp') {
    return (
      data.subarray(0, 4).toString('latin1') === 'RIFF' && data.subarray(8, 12).toString('latin1') === 'WEBP'
    );
  }
  return /^\uFEFF?\s*(<\?xml[^>]*\?>\s*)?(<!--[\s\S]*?-->\s*)*<svg[\s>]/.test(data.toString('utf8'));
}
