'use client';

import { ArrowDownToLine, Download } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useEffect, useRef, useState } from 'react';
import { EmptyState } from '../ui/empty-state';
import { SearchInput } from '../ui/input';
import { LinkButton } from '../ui/link-button';
import { Switch } from '../ui/switch';
import { useSerialLog } from './use-serial-log';

/** What the guest wrote on its serial line: the place to look when there is no picture. */
export function SerialLog({ vmId }: { vmId: string }) {
  const t = useTranslations('console.serial');
  const text = useSerialLog(vmId);
  const [query, setQuery] = useState('');
  const [follow, setFollow] = useState(true);
  const box = useRef<HTMLPreElement>(null);
  const shown =
    query === ''
      ? text
      : text
          .split('\n')
          .filter((line) => line.toLowerCase().includes(query.toLowerCase()))
          .join('\n');
  useEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [shown, follow]);
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <SearchInput value={query} onValueChange={setQuery} label={t('search')} placeholder={t('search')} />
        <Switch label={t('follow')} checked={follow} onCheckedChange={setFollow} />
        <LinkButton className="ml-auto" href={`/api/v1/vms/${vmId}/serial`} icon={<Download />} download>
          {t('download')}
        </LinkButton>
      </div>
      {text === '' ? (
        <EmptyState icon={<ArrowDownToLine />} title={t('empty')} compact />
      ) : (
        <pre
          ref={box}
          tabIndex={0}
          aria-label={t('label')}
          className="border-border bg-terminal text-terminal-text h-[min(60dvh,40rem)] overflow-auto rounded-lg border p-4 font-mono text-xs leading-relaxed whitespace-pre-wrap"
        >
          {shown === '' ? t('noMatch') : shown}
        </pre>
      )}
    </div>
  );
}
