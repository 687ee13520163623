'use client';

import { useQuery } from '@tanstack/react-query';
import { FileSearch } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useEffect, useMemo, useRef } from 'react';
import type { FilePreview, PackageFile } from '@/server/packages/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { useByteSize } from '../ui/byte-size';
import { Card } from '../ui/card';
import { CodeBlock } from '../ui/code-block';
import { Digest } from '../ui/digest';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { FileTree, type FileTreeEntry } from '../ui/file-tree';
import { Markdown } from '../ui/markdown';
import { SkeletonRows } from '../ui/skeleton';
import type { Shown } from './package-view';

/** The files of a package as a tree, with the one chosen beside it. */
export function PackageFiles({
  packageId,
  files,
  shown,
  onShow,
}: {
  packageId: string;
  files: readonly PackageFile[];
  shown: Shown | undefined;
  onShow: (place: Shown) => void;
}) {
  const t = useTranslations('packages.view');
  const entries = useTreeEntries(files);
  const preview = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = preview.current;
    if (shown === undefined || box === null) return;
    // A remark far above was pressed, or a file on a phone, where the preview lies below the tree.
    const below = box.getBoundingClientRect().top > window.innerHeight * 0.7;
    if (below) box.scrollIntoView({ block: 'start' });
    else if (shown.line !== undefined) box.scrollIntoView({ block: 'nearest' });
  }, [shown]);
  return (
    <Card title={t('files')} description={t('fileCount', { count: files.length })}>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4 lg:grid-cols-[minmax(16rem,22rem)_minmax(0,1fr)]">
        <FileTree
          label={t('files')}
          entries={entries}
          defaultOpen={files.length > 60 ? 'first' : 'all'}
          {...(shown && { selected: shown.path })}
          onSelect={(entry) => {
            if (entry.kind === 'file') onShow({ path: entry.path, line: undefined });
          }}
        />
        <div ref={preview} className="min-w-0 scroll-mt-4 lg:sticky lg:top-[4.5rem] lg:self-start">
          {shown ? (
            <Preview packageId={packageId} shown={shown} file={files.find((f) => f.path === shown.path)} />
          ) : (
            <EmptyState compact icon={<FileSearch />} title={t('chooseFile')}>
              {t('chooseFileText')}
            </EmptyState>
          )}
        </div>
      </div>
    </Card>
  );
}

function useTreeEntries(files: readonly PackageFile[]): FileTreeEntry[] {
  const t = useTranslations('packages.view');
  return useMemo(() => {
    const notes = {
      match: {},
      mismatch: { tone: 'danger', note: t('hashMismatch') },
      unlisted: { tone: 'warning', note: t('hashUnlisted') },
    } as const;
    return files.map(({ path, size, hash }) => ({
      path,
      kind: 'file' as const,
      size,
      ...(hash !== null && notes[hash]),
    }));
  }, [files, t]);
}

function Preview({
  packageId,
  shown,
  file,
}: {
  packageId: string;
  shown: Shown;
  file: PackageFile | undefined;
}) {
  const t = useTranslations('packages.view');
  const trpc = useTRPC();
  const query = useQuery(
    // A finished package never changes.
    trpc.packages.preview.queryOptions({ id: packageId, path: shown.path }, { staleTime: Infinity }),
  );
  return (
    <section aria-label={shown.path} className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="min-w-0 font-mono text-sm font-medium break-all">{shown.path}</h3>
        {file !== undefined && file.sha256 !== null && (
          <Digest value={`sha256:${file.sha256}`} label={t('digest')} />
        )}
      </div>
      {query.error ? (
        <ErrorState compact problem={problemOf(query.error)} onRetry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <SkeletonRows rows={6} label={t('previewLoading')} />
      ) : (
        <PreviewBody preview={query.data} line={shown.line} />
      )}
    </section>
  );
}

function PreviewBody({ preview, line }: { preview: FilePreview; line: number | undefined }) {
  const t = useTranslations('packages.view');
  const size = useByteSize();
  if (preview.kind === 'image') {
    return (
      // The picture is a data URL out of the package: there is nothing for an optimiser to fetch.
      // eslint-disable-next-line nextjs/no-img-element
      <img
        src={preview.dataUrl}
        alt={t('picture', { path: preview.path })}
        className="max-h-96 max-w-full rounded-lg"
      />
    );
  }
  if (preview.kind === 'binary') {
    return (
      <>
        <p className="text-text-muted">{t('binary', { size: size(preview.size) })}</p>
        <CodeBlock text={hexDump(preview.hex)} label={preview.path} />
      </>
    );
  }
  return (
    <>
      {preview.path.endsWith('.md') && line === undefined ? (
        <Markdown text={preview.text} headingOffset={3} />
      ) : (
        <CodeBlock
          text={preview.text}
          label={preview.path}
          lineNumbers
          {...(line !== undefined && { highlightLines: [line] })}
        />
      )}
      {preview.truncated && <p className="text-text-muted text-sm">{t('truncated')}</p>}
    </>
  );
}

/** Bytes in rows of sixteen, with their letters beside them. */
function hexDump(hex: string): string {
  const bytes = hex.match(/../g) ?? [];
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.slice(at, at + 16);
    const letters = row.map((byte) => {
      const code = Number.parseInt(byte, 16);
      return code >= 32 && code < 127 ? String.fromCodePoint(code) : '.';
    });
    rows.push(`${at.toString(16).padStart(8, '0')}  ${row.join(' ').padEnd(47)}  ${letters.join('')}`);
  }
  return rows.join('\n');
}
