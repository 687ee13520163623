'use client';

import { useState, type ReactNode } from 'react';
import { classNames } from './class-names';

const ratios = { square: 'aspect-square', video: 'aspect-video', screen: 'aspect-[4/3]' };
const sizes = { sm: 'w-10', md: 'w-16', lg: 'w-28', fill: 'w-full' };

/** The picture of a thing; without one, its initials on a colour that stays the same for the same thing. */
export function Thumbnail({
  src,
  alt,
  seed,
  ratio = 'video',
  size = 'fill',
  fallback,
}: {
  src?: string | null | undefined;
  alt: string;
  seed?: string;
  ratio?: keyof typeof ratios;
  size?: keyof typeof sizes;
  fallback?: ReactNode;
}) {
  const [broken, setBroken] = useState<string>();
  const shown = src !== null && src !== undefined && src !== '' && src !== broken;
  const hue = hueOf(seed ?? alt);
  return (
    <span
      className={classNames(
        'border-border @container relative grid shrink-0 place-items-center overflow-hidden rounded-lg border select-none',
        shown && (ratio === 'screen' ? 'bg-terminal' : 'bg-surface-sunken'),
        ratios[ratio],
        sizes[size],
      )}
      style={
        shown
          ? undefined
          : { backgroundColor: `light-dark(oklch(0.91 0.035 ${hue}), oklch(0.32 0.04 ${hue}))` }
      }
    >
      {shown ? (
        // Pictures come from our own API behind a session; Next's image service could not fetch them.
        // oxlint-disable-next-line next/no-img-element
        <img
          src={src}
          alt={alt}
          loading="lazy"
          // The edge of a screen is where its text begins.
          className={classNames('size-full', ratio === 'screen' ? 'object-contain' : 'object-cover')}
          onError={() => setBroken(src)}
        />
      ) : (
        <span
          role="img"
          aria-label={alt}
          aria-hidden={alt === '' || undefined}
          className="text-[clamp(0.75rem,36cqi,2.25rem)] leading-none font-semibold tracking-tight"
          style={{ color: `light-dark(oklch(0.4 0.07 ${hue}), oklch(0.87 0.055 ${hue}))` }}
        >
          {fallback ?? initialsOf(seed ?? alt)}
        </span>
      )}
    </span>
  );
}

/** A hue from a text: spread, and the same every time (FNV-1a). */
function hueOf(text: string): number {
  let hash = 2166136261;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16777619);
  return (hash >>> 0) % 360;
}

/** One Chinese character says as much as two letters. */
function initialsOf(name: string): string {
  const words = name
    .trim()
    .split(/[\s\-_./]+/u)
    .filter(Boolean);
  const first = words[0] ?? '';
  if (/^\p{Script=Han}/u.test(first)) return firstCharacter(first);
  const letters = words.slice(0, 2).map(firstCharacter);
  return letters.join('').toUpperCase();
}

function firstCharacter(word: string): string {
  return String.fromCodePoint(word.codePointAt(0) ?? 0x20);
}
