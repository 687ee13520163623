'use client';

import { ScrollText } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { Deployment } from '@/server/operations/deployments/schemas';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Digest } from '../ui/digest';
import { PartStateDot } from './part-state';
import type { LogSource } from './workload-logs';

export type WorkloadPart = Deployment['parts'][number];

/**
 * Pods or containers of what runs, each with what it is at and why.
 *
 * @param logsRefusal why no output can be read now
 */
export function WorkloadParts({
  parts,
  chosen,
  onLogs,
  logsRefusal,
}: {
  parts: readonly WorkloadPart[];
  chosen: LogSource | undefined;
  onLogs: (source: LogSource) => void;
  logsRefusal: string | undefined;
}) {
  return (
    <ul className="divide-border -my-3 divide-y">
      {parts.map((part) => (
        <li key={part.name} className="flex flex-col gap-2 py-3">
          <PartHead part={part} />
          {part.containers.map((container) => (
            <Container
              key={container.name}
              container={container}
              shown={chosen?.part === part.name && chosen.container === container.name}
              onLogs={() => onLogs({ part: part.name, container: container.name })}
              refusal={logsRefusal}
            />
          ))}
        </li>
      ))}
    </ul>
  );
}

function PartHead({ part }: { part: WorkloadPart }) {
  const where = [part.node, ...part.addresses].filter(Boolean).join(' · ');
  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1">
        <span className="min-w-0">
          <span className="font-medium break-all">{part.name}</span>
          <span className="text-text-muted block text-sm">
            {part.owner}
            {where !== '' && ` · ${where}`}
          </span>
        </span>
        <span className="flex flex-wrap items-center gap-2">
          {part.reason !== undefined && (
            <Badge tone={part.state === 'failed' ? 'danger' : 'neutral'}>{part.reason}</Badge>
          )}
          <PartStateDot state={part.state} />
        </span>
      </div>
      {part.detail !== undefined && (
        <p className="text-text-muted font-mono text-xs break-words whitespace-pre-wrap">{part.detail}</p>
      )}
    </>
  );
}

function Container({
  container,
  shown,
  onLogs,
  refusal,
}: {
  container: WorkloadPart['containers'][number];
  shown: boolean;
  onLogs: () => void;
  refusal: string | undefined;
}) {
  const t = useTranslations('workloadParts');
  return (
    <div className="bg-surface-sunken flex flex-wrap items-center justify-between gap-x-4 gap-y-1.5 rounded-md px-3 py-2 text-sm">
      <span className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
        <span className="font-medium">{container.name}</span>
        {container.digest === undefined ? (
          <span className="text-text-muted break-all">{container.image}</span>
        ) : (
          <Digest value={container.digest} />
        )}
        {container.restarts > 0 && (
          <Badge tone="warning">{t('restarts', { count: container.restarts })}</Badge>
        )}
      </span>
      <Button
        size="sm"
        variant="ghost"
        icon={<ScrollText />}
        aria-pressed={shown}
        onClick={onLogs}
        disabledReason={refusal}
      >
        {t('logs')}
      </Button>
    </div>
  );
}
