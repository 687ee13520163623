'use client';

import { useFormatter } from 'next-intl';
import { useCallback } from 'react';
import { splitBytes } from './units';

/** @returns a function from bytes to words with binary multiples: `1.5 GiB` */
export function useByteSize(): (bytes: number) => string {
  const format = useFormatter();
  return useCallback(
    (bytes) => {
      const { value, unit, digits } = splitBytes(bytes);
      return `${format.number(value, { maximumFractionDigits: digits })} ${unit}`;
    },
    [format],
  );
}

/** A number of bytes in words; the exact number as its title, or beside it with `exact`. */
export function ByteSize({ bytes, exact = false }: { bytes: number | null | undefined; exact?: boolean }) {
  const format = useFormatter();
  const inWords = useByteSize();
  if (bytes === null || bytes === undefined) return <span className="text-text-subtle">–</span>;
  const full = `${format.number(bytes)} B`;
  return (
    <span className="tabular whitespace-nowrap" title={full}>
      {inWords(bytes)}
      {exact && bytes >= 1024 && <span className="text-text-muted"> ({full})</span>}
    </span>
  );
}
