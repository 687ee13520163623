'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { useTRPC } from '../api/trpc-provider';
import { ByteSize } from '../ui/byte-size';
import { Card } from '../ui/card';
import { Digest } from '../ui/digest';
import { FileTree } from '../ui/file-tree';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';

/** The files of a release with their hashes. */
export function ReleaseFiles({ releaseId }: { releaseId: string }) {
  const t = useTranslations('store.app');
  const trpc = useTRPC();
  const query = useQuery(trpc.store.release.queryOptions({ id: releaseId }, { staleTime: Infinity }));
  const [selected, setSelected] = useState<string>();
  return (
    <Card title={t('files')} description={t('filesText')}>
      <QueryView query={query} pending={<SkeletonRows rows={6} label={t('filesLoading')} />}>
        {({ files }) => {
          const chosen = files.find((file) => file.path === selected);
          return (
            <div className="flex flex-col gap-4">
              <FileTree
                label={t('files')}
                defaultOpen="none"
                entries={files.map(({ path, size }) => ({ path, kind: 'file', size }))}
                {...(selected !== undefined && { selected })}
                onSelect={(entry) => setSelected(entry.path)}
              />
              <div aria-live="polite" className="text-sm">
                {chosen ? (
                  <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
                    <span className="font-mono text-xs break-all">{chosen.path}</span>
                    <ByteSize bytes={chosen.size} exact />
                    {chosen.sha256 !== null && (
                      <Digest value={`sha256:${chosen.sha256}`} label={t('digest')} />
                    )}
                  </p>
                ) : (
                  <p className="text-text-muted">{t('chooseFile')}</p>
                )}
              </div>
            </div>
          );
        }}
      </QueryView>
    </Card>
  );
}
