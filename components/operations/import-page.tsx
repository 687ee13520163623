'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { FileSearch, FileUp } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useRef, useState } from 'react';
import { toast } from 'sonner';
import type { ImportEdges } from '@/server/operations/edges/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { ErrorState } from '../ui/error-state';
import { PageHeader } from '../ui/page-header';
import { formatOf, type ImportFormat } from './import-example';
import { ImportedList } from './imported-list';
import { ImportText } from './import-text';

/** Adds or changes many edges by a file: looked through first, then taken over. */
export function ImportPage() {
  const t = useTranslations('edgePages');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const area = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState('');
  const [format, setFormat] = useState<ImportFormat>('yaml');
  const preview = useMutation(trpc.edges.previewImport.mutationOptions());
  const take = useMutation(
    trpc.edges.import.mutationOptions({
      onSuccess: async (edges) => {
        const count = edges.filter(({ outcome }) => outcome === 'create' || outcome === 'update').length;
        toast.success(t('import.taken', { count }));
        await Promise.all([
          queries.invalidateQueries(trpc.edges.pathFilter()),
          queries.invalidateQueries(trpc.overview.pathFilter()),
          queries.invalidateQueries(trpc.sites.pathFilter()),
        ]);
      },
    }),
  );
  const input: ImportEdges = { format, text };
  const isOf = (of: ImportEdges | undefined) => of?.format === format && of.text === text;
  const looked = isOf(preview.variables) ? preview.data : undefined;
  const taken = isOf(take.variables) ? take.data : undefined;
  const error = [take, preview].find((each) => isOf(each.variables) && each.error)?.error;
  const changes = looked?.filter(({ outcome }) => outcome === 'create' || outcome === 'update').length;
  const change = (to: string, fileName?: string) => {
    setText(to);
    // A choice made by hand stays while only the text is edited.
    if (fileName !== undefined || text === '') setFormat(formatOf(to, fileName));
  };
  return (
    <>
      <PageHeader
        title={t('import.title')}
        description={t('import.text')}
        crumbs={[{ label: t('edges.title'), href: '/operations/edges' }]}
      />
      <div className="grid items-start gap-6 xl:grid-cols-2">
        <ImportText ref={area} text={text} format={format} onText={change} onFormat={setFormat}>
          <Button
            icon={<FileSearch />}
            busy={preview.isPending}
            disabledReason={text.trim() === '' ? t('import.nothingYet') : undefined}
            onClick={() => preview.mutate(input)}
          >
            {t('import.preview')}
          </Button>
          <Button
            variant="primary"
            icon={<FileUp />}
            busy={take.isPending}
            disabledReason={reasonAgainst(t, changes, taken !== undefined)}
            onClick={() => take.mutate(input)}
          >
            {t('import.take', { count: changes ?? 0 })}
          </Button>
        </ImportText>
        <div className="min-w-0" aria-live="polite">
          {error ? (
            <ErrorState problem={problemOf(error)} />
          ) : looked ? (
            <ImportedList
              edges={taken ?? looked}
              taken={taken !== undefined}
              onLine={(line) => selectLine(area.current, line)}
            />
          ) : (
            <Card title={t('import.howTitle')}>
              <p className="text-text-muted text-pretty">{t('import.howText')}</p>
            </Card>
          )}
        </div>
      </div>
    </>
  );
}

function reasonAgainst(
  t: ReturnType<typeof useTranslations<'edgePages'>>,
  changes: number | undefined,
  taken: boolean,
): string | undefined {
  if (taken) return t('import.already');
  if (changes === undefined) return t('import.previewFirst');
  return changes === 0 ? t('import.nothingToDo') : undefined;
}

/** Shows a line of the text by selecting it. */
function selectLine(area: HTMLTextAreaElement | null, line: number): void {
  if (!area) return;
  const lines = area.value.split('\n');
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  // Browsers do not scroll to a selection by themselves.
  area.scrollTop = (area.scrollHeight / Math.max(1, lines.length)) * Math.max(0, line - 4);
}
