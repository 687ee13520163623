'use client';

import { X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useEffect, useRef } from 'react';
import type { OverviewEdge } from '@/server/operations/overview/schemas';
import { IconButton } from '../../ui/icon-button';
import { LinkButton, TextLink } from '../../ui/link-button';
import { useProblemText } from '../../ui/error-state';
import { EdgeFigures } from '../edge-list';
import { HealthDot } from '../health';
import { standOf } from '../stand';

/** Tells of the edges that were chosen on the map. Escape closes it. */
export function MapCard({ edges, onClose }: { edges: readonly OverviewEdge[]; onClose: () => void }) {
  const t = useTranslations('edgePages.map');
  const [only] = edges;
  const card = useRef<HTMLDivElement>(null);
  const first = only?.id;
  useEffect(() => card.current?.focus(), [first]);
  useEffect(() => {
    const at = card.current;
    const onKey = ({ key }: KeyboardEvent) => {
      if (key === 'Escape') onClose();
    };
    at?.addEventListener('keydown', onKey);
    return () => at?.removeEventListener('keydown', onKey);
  }, [first, onClose]);
  if (!only) return null;
  const title = edges.length === 1 ? only.name : t('here', { count: edges.length });
  return (
    <div
      role="dialog"
      ref={card}
      tabIndex={-1}
      aria-label={title}
      className="border-border bg-surface-raised shadow-raised animate-rise absolute bottom-3 left-3 z-20 flex max-h-[70%] w-[min(22rem,calc(100%-1.5rem))] flex-col overflow-hidden rounded-lg border outline-none"
    >
      <header className="flex items-center justify-between gap-2 py-2 pr-2 pl-4">
        <h3 className="min-w-0 truncate font-semibold">{title}</h3>
        <IconButton size="sm" label={t('close')} icon={<X />} onClick={onClose} />
      </header>
      <div className="overflow-y-auto px-4 pb-4">
        {edges.length === 1 ? <One edge={only} /> : <Several edges={edges} />}
      </div>
    </div>
  );
}

function One({ edge }: { edge: OverviewEdge }) {
  const t = useTranslations('edgePages.map');
  const kinds = useTranslations('adminSites.kinds');
  const say = useProblemText();
  return (
    <div className="flex flex-col gap-2 text-[0.8125rem]">
      <p className="text-text-muted">
        {[kinds(edge.kind), edge.place?.address]
          .filter((part) => part !== undefined && part !== '')
          .join(' · ')}
      </p>
      <p className="flex flex-wrap gap-x-3">
        <HealthDot stand={standOf(edge)} />
        <EdgeFigures edge={edge} />
      </p>
      {edge.enabled && edge.health.problem && <p className="text-pretty">{say(edge.health.problem)}</p>}
      <div>
        <LinkButton size="sm" href={`/operations/edges/${edge.id}`}>
          {t('open')}
        </LinkButton>
      </div>
    </div>
  );
}

function Several({ edges }: { edges: readonly OverviewEdge[] }) {
  return (
    <ul className="flex flex-col gap-1.5 text-[0.8125rem]">
      {edges.map((edge) => (
        <li key={edge.id} className="flex flex-wrap justify-between gap-x-3">
          <TextLink href={`/operations/edges/${edge.id}`}>{edge.name}</TextLink>
          <HealthDot stand={standOf(edge)} />
        </li>
      ))}
    </ul>
  );
}
