'use client';

import { useTranslations } from 'next-intl';
import { useId, useMemo, useRef, useState } from 'react';
import type { DeploymentText, TextFinding } from '@/server/containers/schemas';
import { problemOf } from '../api/problem-of';
import { useLeaveWarning } from '../api/use-leave-warning';
import { Badge } from '../ui/badge';
import { Card } from '../ui/card';
import { ErrorState } from '../ui/error-state';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { ChartFiles } from './chart-files';
import { FindingsList } from './findings-list';
import { NamedImages } from './named-images';
import { TextDrop } from './text-drop';
import { TextEditor, type TextEditorHandle } from './text-editor';
import { TextHead } from './text-head';
import { useTextCheck } from './use-text-check';
import type { TextDraft } from './use-text-draft';

/** The editor of a deployment text, with what is wrong, what it makes, and which images it names. */
export function DeploymentEditor({
  projectId,
  stored,
  draft,
}: {
  projectId: string;
  stored: DeploymentText | null;
  draft: TextDraft;
}) {
  const t = useTranslations('containerPages.deployment');
  const findingsId = useId();
  const editor = useRef<TextEditorHandle>(null);
  const [path, setPath] = useState(() => firstFile(stored));
  const { query, old } = useTextCheck(projectId, draft.content);
  const findings = useMemo(() => query.data?.findings ?? [], [query.data]);
  const marks = useMemo(() => marksOf(findings, path), [findings, path]);
  // What a chart makes and names is not known until it is rendered.
  const blind = (query.data?.notRendered ?? null) !== null;
  useLeaveWarning(draft.dirty);
  const go = ({ file, line }: TextFinding) => {
    if (file !== '') setPath(file);
    if (line !== null) editor.current?.goTo(line);
  };
  const text = (
    <TextEditor
      key={path}
      ref={editor}
      label={path === '' ? t('editor') : t('chartFile', { path })}
      value={draft.valueOf(path)}
      onChange={(value) => draft.edit(path, value)}
      marks={marks}
      describedBy={findingsId}
    />
  );
  return (
    <div className={blind ? '' : 'grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_26rem]'}>
      <div className="flex min-w-0 flex-col gap-4">
        <TextHead projectId={projectId} stored={stored} draft={draft} />
        {draft.error && <ErrorState problem={problemOf(draft.error)} compact />}
        {stored?.kind === 'chart' ? (
          <ChartFiles
            text={stored}
            changed={draft.changed}
            findings={findings}
            selected={path}
            onSelect={setPath}
          >
            {text}
          </ChartFiles>
        ) : (
          text
        )}
        {query.data?.notRendered ? (
          <ErrorState problem={query.data.notRendered} title={t('notRendered')} compact />
        ) : (
          <FindingsList
            id={findingsId}
            findings={findings}
            checking={query.data === undefined || old}
            onGo={go}
          />
        )}
        {stored !== null && <TextDrop draft={draft} replaces />}
      </div>
      {!blind && (
        <QueryView query={query} pending={<SkeletonRows rows={4} />}>
          {({ images, objects }) => (
            <div className="flex min-w-0 flex-col gap-6">
              <NamedImages projectId={projectId} images={images} unsaved={draft.dirty} />
              <Card title={t('objects')}>
                {objects.length === 0 ? (
                  <p className="text-text-muted">{t('noObjects')}</p>
                ) : (
                  <ul className="flex flex-col gap-1.5">
                    {objects.map(({ kind, name, line }, index) => (
                      // A wrong text may hold the same object twice.
                      <li key={`${index} ${kind}/${name}`} className="flex items-center gap-2">
                        <Badge>{kind}</Badge>
                        <span className="min-w-0 flex-1 truncate font-mono text-[0.8125rem]">{name}</span>
                        {line !== null && (
                          <span className="text-text-muted tabular text-sm">{t('line', { line })}</span>
                        )}
                      </li>
                    ))}
                  </ul>
                )}
              </Card>
            </div>
          )}
        </QueryView>
      )}
    </div>
  );
}

/** The file that is opened first: what people change in a chart. */
function firstFile(stored: DeploymentText | null): string {
  if (stored?.kind !== 'chart') return '';
  const named = (name: string) => stored.files.find((file) => file.path.endsWith(name))?.path;
  return named('values.yaml') ?? named('Chart.yaml') ?? stored.files[0]?.path ?? '';
}

function marksOf(findings: readonly TextFinding[], path: string) {
  return findings.flatMap(({ file, line, severity }) =>
    file === path && line !== null ? [{ line, severity }] : [],
  );
}
