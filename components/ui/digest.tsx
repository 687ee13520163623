'use client';

import { useTranslations } from 'next-intl';
import { CopyButton } from './copy-button';

/** A content digest, short enough to read, copied whole. */
export function Digest({
  value,
  length = 12,
  copy = true,
  label,
}: {
  /** `algorithm:hex`, as OCI writes it, or bare hex. */
  value: string;
  /** How many characters of the hash to show. */
  length?: number;
  copy?: boolean;
  label?: string;
}) {
  const t = useTranslations('ui');
  const [algorithm, hash] = value.includes(':') ? value.split(':', 2) : [undefined, value];
  return (
    <span className="inline-flex max-w-full items-center gap-0.5">
      <code className="min-w-0 truncate font-mono text-[0.8125rem]" title={value}>
        {algorithm !== undefined && <span className="text-text-muted">{algorithm}:</span>}
        {hash?.slice(0, length)}
        {(hash?.length ?? 0) > length && <span className="text-text-subtle">…</span>}
      </code>
      {copy && <CopyButton text={value} label={label ?? t('digest')} />}
    </span>
  );
}
