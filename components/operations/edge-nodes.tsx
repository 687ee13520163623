'use client';

import { useTranslations } from 'next-intl';
import type { Capacity } from '@/server/operations/edges/schemas';
import { useByteSize } from '../ui/byte-size';
import { StatusDot } from '../ui/status-dot';

const gib = 1024 ** 3;

/** The machines of a cluster. */
export function EdgeNodes({ nodes }: { nodes: Capacity['nodes'] }) {
  const t = useTranslations('edgePages.capacity');
  const bytes = useByteSize();
  return (
    <div>
      <h3 className="eyebrow mb-1.5">{t('nodes', { count: nodes.length })}</h3>
      <ul className="border-border divide-border divide-y rounded-lg border">
        {nodes.map(({ name, ready, reason, freeDiskGiB }) => (
          <li
            key={name}
            className="grid gap-x-4 gap-y-0.5 px-3 py-2 text-[0.8125rem] sm:grid-cols-[1fr_auto_auto]"
          >
            <span className="min-w-0 font-mono break-all">{name}</span>
            {freeDiskGiB !== null && (
              <span className="text-text-muted tabular">{t('free', { size: bytes(freeDiskGiB * gib) })}</span>
            )}
            <StatusDot tone={ready ? 'success' : 'danger'} label={t(ready ? 'ready' : 'notReady')} />
            {!ready && reason !== '' && (
              <span className="text-text-muted col-span-full text-pretty break-words">{reason}</span>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
