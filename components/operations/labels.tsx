import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { EdgeView } from '@/server/operations/edges/schemas';
import { labelsOf, noFilter, writeFilter } from './edge-filter';

/** An edge's labels; each leads to all edges with the same. */
export function EdgeLabels({ edge }: { edge: Pick<EdgeView, 'labels'> }) {
  const t = useTranslations('edgePages.edge');
  const labels = labelsOf(edge);
  if (labels.length === 0) return <span className="text-text-muted">–</span>;
  return (
    <ul className="flex flex-wrap gap-1">
      {labels.map((label) => (
        <li key={label}>
          <Link
            href={`/operations/edges${writeFilter({ ...noFilter, label })}`}
            title={t('sameLabel', { label })}
            className="border-border bg-surface-sunken text-text-muted hover:border-border-strong hover:text-text block max-w-56 truncate rounded-md border px-1.5 py-0.5 font-mono text-xs transition-colors"
          >
            {label}
          </Link>
        </li>
      ))}
    </ul>
  );
}
