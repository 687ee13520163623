'use client';

import { useTranslations } from 'next-intl';
import type { ImportedEdge } from '@/server/operations/edges/schemas';
import { useTextOf } from '../i18n/use-text-of';
import { Badge } from '../ui/badge';
import { Card } from '../ui/card';
import { useProblemText } from '../ui/error-state';
import { TextLink } from '../ui/link-button';
import type { Tone } from '../ui/tone';

const tones: Record<ImportedEdge['outcome'], Tone> = {
  create: 'success',
  update: 'info',
  unchanged: 'neutral',
  refused: 'danger',
};

const outcomes = ['refused', 'create', 'update', 'unchanged'] as const;

/**
 * What would become, or became, of each entry of a file.
 *
 * @param taken it was done, and is not only a preview
 * @param onLine shows a line of the file
 */
export function ImportedList({
  edges,
  taken,
  onLine,
}: {
  edges: readonly ImportedEdge[];
  taken: boolean;
  onLine: (line: number) => void;
}) {
  const t = useTranslations('edgePages.import');
  const count = (outcome: ImportedEdge['outcome']) => edges.filter((edge) => edge.outcome === outcome).length;
  return (
    <Card
      title={t(taken ? 'resultTitle' : 'previewTitle')}
      description={outcomes
        .filter((outcome) => count(outcome) > 0)
        .map((outcome) => t(`counts.${outcome}`, { count: count(outcome) }))
        .join(' · ')}
      padded={false}
    >
      <ol className="divide-border max-h-[70vh] divide-y overflow-y-auto">
        {edges.map((edge) => (
          <Entry key={edge.line} edge={edge} taken={taken} onLine={onLine} />
        ))}
      </ol>
    </Card>
  );
}

function Entry({
  edge: { line, name, kind, outcome, problem, edgeId },
  taken,
  onLine,
}: {
  edge: ImportedEdge;
  taken: boolean;
  onLine: (line: number) => void;
}) {
  const t = useTranslations('edgePages.import');
  const kindOf = useTextOf('adminSites.kinds');
  const say = useProblemText();
  const title = name === '' ? t('unnamed') : name;
  return (
    <li className="flex flex-col gap-1 px-5 py-2.5 [contain-intrinsic-size:auto_3rem] [content-visibility:auto]">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <button
          type="button"
          onClick={() => onLine(line)}
          className="text-text-muted hover:text-text tabular w-16 shrink-0 text-left text-[0.8125rem] underline-offset-2 hover:underline"
        >
          {t('line', { line })}
        </button>
        <span className="min-w-0 flex-1 break-words">
          {edgeId !== null && taken ? (
            <TextLink href={`/operations/edges/${edgeId}`}>{title}</TextLink>
          ) : (
            <span className="font-medium">{title}</span>
          )}
          <span className="text-text-muted ml-2 text-[0.8125rem]">{kindOf(kind) ?? kind}</span>
        </span>
        <Badge tone={tones[outcome]}>{t(`${taken ? 'done' : 'will'}.${outcome}`)}</Badge>
      </div>
      {problem && (
        <p className="text-danger pl-19 text-[0.8125rem] text-pretty">
          {say(problem)}
          {problem.detail !== undefined && <span className="text-text-muted block">{problem.detail}</span>}
        </p>
      )}
    </li>
  );
}
