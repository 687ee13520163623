'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Pencil, RefreshCw, Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import Link from 'next/link';
import { toast } from 'sonner';
import { changes, type StoreView } from '@/server/operations/sync/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { JobProgress } from '../jobs/job-progress';
import { useSubjectJobs } from '../jobs/use-job';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { useProblemText } from '../ui/error-state';
import { KeyValueList } from '../ui/key-value';
import { LinkButton } from '../ui/link-button';
import { Notice } from '../ui/notice';
import { RelativeTime } from '../ui/relative-time';
import { useRuleWords, useScheduleWords, useStoreName } from './store-words';

/** A store: where it is, what its catalogue has, what is synced by itself. */
export function StoreCard({
  store,
  mayAct,
  mayConfigure,
  onRemove,
}: {
  store: StoreView;
  mayAct: boolean;
  mayConfigure: boolean;
  onRemove: () => void;
}) {
  const t = useTranslations('syncPages.stores');
  const nameOf = useStoreName();
  const name = nameOf(store);
  const why = mayConfigure ? undefined : t('adminsOnly');
  return (
    <Card
      title={
        <span className="flex flex-wrap items-center gap-2">
          {name}
          <Badge tone={store.kind === 'own' ? 'accent' : 'neutral'}>{t(`kinds.${store.kind}`)}</Badge>
          {store.signers !== undefined && <Badge tone="success">{t('signedOnly')}</Badge>}
        </span>
      }
      description={
        store.url === null ? t('ownText') : <span className="font-mono text-xs break-all">{store.url}</span>
      }
      footer={
        <>
          <Refresh store={store} name={name} mayAct={mayAct} />
          <span className="flex flex-wrap gap-2">
            <LinkButton
              size="sm"
              variant="ghost"
              href={`/operations/stores/${store.id}`}
              icon={<Pencil />}
              disabledReason={why}
              aria-label={t('editNamed', { name })}
            >
              {t('edit')}
            </LinkButton>
            <Button
              size="sm"
              variant="ghost"
              icon={<Trash2 />}
              aria-label={t('removeNamed', { name })}
              disabledReason={why ?? (store.kind === 'own' ? t('ownStays') : undefined)}
              onClick={onRemove}
            >
              {t('remove')}
            </Button>
          </span>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Trouble store={store} />
        <Counts store={store} />
        <Facts store={store} />
        <Reading store={store} />
      </div>
    </Card>
  );
}

function Refresh({ store, name, mayAct }: { store: StoreView; name: string; mayAct: boolean }) {
  const t = useTranslations('syncPages.stores');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const say = useProblemText();
  const { active } = useSubjectJobs({ type: 'store', id: store.id });
  const refresh = useMutation(
    trpc.sync.refresh.mutationOptions({
      onSuccess: () => queries.invalidateQueries(trpc.jobs.pathFilter()),
      onError: (error) => void toast.error(say(problemOf(error))),
    }),
  );
  return (
    <Button
      size="sm"
      icon={<RefreshCw />}
      aria-label={t('refreshNamed', { name })}
      busy={refresh.isPending || active.length > 0}
      disabledReason={mayAct ? undefined : t('operatorsOnly')}
      onClick={() => refresh.mutate({ id: store.id })}
    >
      {t('refresh')}
    </Button>
  );
}

function Trouble({ store: { problem } }: { store: StoreView }) {
  const say = useProblemText();
  if (!problem) return null;
  return (
    <Notice tone="danger" title={say(problem)}>
      {problem.detail !== undefined && (
        <pre className="max-h-32 overflow-auto font-mono text-xs whitespace-pre-wrap">{problem.detail}</pre>
      )}
    </Notice>
  );
}

/** What the catalogue holds, each figure a way to those releases. */
function Counts({ store }: { store: StoreView }) {
  const t = useTranslations('syncPages.changes');
  return (
    <ul className="grid grid-cols-2 gap-2 sm:grid-cols-4">
      {changes.map((change) => (
        <li key={change}>
          <Link
            href={`/operations/releases?tab=${change}&store=${store.id}`}
            className="border-border hover:border-border-strong bg-surface-sunken/60 flex flex-col rounded-lg border px-3 py-2 transition-colors"
          >
            <span className="tabular text-lg leading-tight font-semibold">{store.counts[change]}</span>
            <span className="text-text-muted text-xs">{t(change)}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Facts({ store }: { store: StoreView }) {
  const t = useTranslations('syncPages.stores');
  const ruleWords = useRuleWords();
  const scheduleWords = useScheduleWords();
  return (
    <KeyValueList
      items={[
        {
          label: t('readAt'),
          value: store.readAt === null ? t('neverRead') : <RelativeTime at={store.readAt} />,
        },
        ...(store.kind === 'own'
          ? []
          : [
              {
                label: t('signature'),
                value:
                  store.signers === undefined
                    ? t('noSigners')
                    : t('signers', { count: certificatesIn(store.signers) }),
              },
            ]),
        { label: t('schedule'), value: scheduleWords(store.everyMinutes) },
        {
          label: t('rules'),
          value:
            store.rules.length === 0 ? (
              t('noRules')
            ) : (
              <ul className="flex flex-col gap-1">
                {store.rules.map((rule) => (
                  <li key={JSON.stringify(rule)}>{ruleWords(rule)}</li>
                ))}
              </ul>
            ),
        },
      ]}
    />
  );
}

const certificatesIn = (pem: string) => pem.split('-----BEGIN CERTIFICATE-----').length - 1;

function Reading({ store }: { store: StoreView }) {
  const { active } = useSubjectJobs({ type: 'store', id: store.id });
  const [job] = active;
  return job ? <JobProgress jobId={job.id} hideDone /> : null;
}
