'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Recycle } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { toast } from 'sonner';
import type { BundledView } from '@/server/registries/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { JobProgress } from '../jobs/job-progress';
import { Button } from '../ui/button';
import { ByteSize, useByteSize } from '../ui/byte-size';
import { Card } from '../ui/card';
import { CodeBlock } from '../ui/code-block';
import { EmptyState } from '../ui/empty-state';
import { useProblemText } from '../ui/error-state';
import { KeyValueList } from '../ui/key-value';
import { RelativeTime } from '../ui/relative-time';
import { RegistryProblem } from './registry-problem';
import { RegistryStateDot } from './registry-state';

/** The registry that comes with Edgeyard, as a process and as a place on the disk. */
export function BundledCard({ bundled }: { bundled: BundledView }) {
  const t = useTranslations('adminRegistries');
  const idle = !bundled.used && bundled.pid === undefined;
  return (
    <Card
      title={t('bundled.title')}
      description={t('bundled.text')}
      actions={idle ? undefined : <RegistryStateDot state={bundled.state} />}
    >
      {idle ? (
        <EmptyState compact title={t('bundled.unusedTitle')}>
          {t('bundled.unusedText')}
        </EmptyState>
      ) : (
        <div className="flex flex-col gap-5">
          {bundled.problem && <RegistryProblem title={t('states.unavailable')} problem={bundled.problem} />}
          <Facts bundled={bundled} />
          <Collect bundled={bundled} />
          <Log bundled={bundled} />
        </div>
      )}
    </Card>
  );
}

function Facts({ bundled }: { bundled: BundledView }) {
  const t = useTranslations('adminRegistries.bundled');
  return (
    <KeyValueList
      columns={2}
      items={[
        {
          label: t('address'),
          value: bundled.address === undefined ? undefined : <code>{bundled.address}</code>,
        },
        { label: t('version'), value: bundled.version },
        { label: t('pid'), value: bundled.pid },
        { label: t('restarts'), value: t('restartsValue', { count: bundled.restarts }) },
        { label: t('size'), value: <ByteSize bytes={bundled.bytes} /> },
        { label: t('lastCollected'), value: <LastCollected last={bundled.lastCollected} /> },
      ]}
    />
  );
}

function LastCollected({ last }: { last: BundledView['lastCollected'] }) {
  const t = useTranslations('adminRegistries.bundled');
  const size = useByteSize();
  if (!last) return t('never');
  return t.rich(last.kept > 0 ? 'collectedKept' : 'collected', {
    freed: size(last.freed),
    kept: size(last.kept),
    when: () => <RelativeTime key="when" at={last.at} />,
  });
}

function Collect({ bundled }: { bundled: BundledView }) {
  const t = useTranslations('adminRegistries.bundled');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const collect = useMutation(
    trpc.registries.collectGarbage.mutationOptions({
      onSuccess: () => queries.invalidateQueries(trpc.registries.pathFilter()),
      onError: (error) => void toast.error(problemText(problemOf(error))),
    }),
  );
  const why = bundled.collecting
    ? { disabledReason: t('collecting') }
    : bundled.pid === undefined
      ? { disabledReason: t('notRunning') }
      : {};
  const jobId = bundled.collectJobId ?? collect.data?.id;
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <Button icon={<Recycle />} busy={collect.isPending} {...why} onClick={() => collect.mutate()}>
          {t('collect')}
        </Button>
        <p className="text-text-muted min-w-0 flex-1 basis-64 text-sm text-pretty">{t('collectText')}</p>
      </div>
      {jobId !== undefined && <JobProgress jobId={jobId} />}
    </div>
  );
}

function Log({ bundled }: { bundled: BundledView }) {
  const t = useTranslations('adminRegistries.bundled');
  return (
    <details>
      <summary className="cursor-pointer text-sm font-medium">{t('log')}</summary>
      <div className="mt-2">
        {bundled.log.length === 0 ? (
          <p className="text-text-muted text-sm">{t('noLog')}</p>
        ) : (
          <CodeBlock label={t('log')} text={bundled.log.map(({ line }) => line).join('\n')} wrap />
        )}
      </div>
    </details>
  );
}
