/** Binary multiples as IEC 80000-13 names them: disks and images are powers of two. */
const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

export interface SplitBytes {
  value: number;
  unit: (typeof byteUnits)[number];
  /** How many digits after the point say something: three figures in all. */
  digits: number;
}

/**
 * A number of bytes in the unit that makes it readable.
 *
 * @param bytes 0 or more
 */
export function splitBytes(bytes: number): SplitBytes {
  let value = bytes;
  let index = 0;
  // 1023.6 would be written 1,024: go on to the next unit at the point where rounding reaches it.
  while (value >= 1023.5 && index < byteUnits.length - 1) {
    value /= 1024;
    index += 1;
  }
  const digits = index === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return { value, unit: byteUnits[index] ?? 'B', digits };
}

export type DurationWords =
  | { key: 'ms' | 's'; values: { value: number } }
  | { key: 'min_s'; values: { minutes: number; seconds: number } }
  | { key: 'min'; values: { minutes: number } }
  | { key: 'h_min'; values: { hours: number; minutes: number } }
  | { key: 'd_h'; values: { days: number; hours: number } };

/**
 * A time span in its two greatest units.
 *
 * @param ms milliseconds; below 0 counts as 0 (two clocks that differ a little)
 * @returns the message key below `ui.duration` and its values
 */
export function splitDuration(ms: number): DurationWords {
  const span = Math.max(0, ms);
  if (span < 999.5) return { key: 'ms', values: { value: Math.round(span) } };
  if (span < 9950) return { key: 's', values: { value: Math.round(span / 100) / 10 } };
  const seconds = Math.round(span / 1000);
  if (seconds < 60) return { key: 's', values: { value: seconds } };
  if (seconds < 3600) {
    const values = { minutes: Math.floor(seconds / 60), seconds: seconds % 60 };
    return values.seconds === 0
      ? { key: 'min', values: { minutes: values.minutes } }
      : { key: 'min_s', values };
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 24 * 60)
    return { key: 'h_min', values: { hours: Math.floor(minutes / 60), minutes: minutes % 60 } };
  const hours = Math.floor(minutes / 60);
  return { key: 'd_h', values: { days: Math.floor(hours / 24), hours: hours % 24 } };
}
