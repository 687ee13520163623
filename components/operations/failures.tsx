'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ChevronDown, RotateCw, X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useId, useState } from 'react';
import { toast } from 'sonner';
import type { FailureCause, FailureItem } from '@/server/operations/overview/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { classNames } from '../ui/class-names';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { useProblemText } from '../ui/error-state';
import { TextLink } from '../ui/link-button';

/** What failed, a line for each cause, with one button that tries all of it again. */
export function Failures({ causes, mayAct }: { causes: readonly FailureCause[]; mayAct: boolean }) {
  const t = useTranslations('edgePages.failures');
  if (causes.length === 0) return null;
  return (
    <Card title={t('title')} description={t('text')} padded={false}>
      <ul className="divide-border divide-y">
        {causes.map((cause) => (
          <Cause key={cause.id} cause={cause} mayAct={mayAct} />
        ))}
      </ul>
    </Card>
  );
}

function Cause({ cause, mayAct }: { cause: FailureCause; mayAct: boolean }) {
  const t = useTranslations('edgePages.failures');
  const say = useProblemText();
  const details = useId();
  const [open, setOpen] = useState(false);
  const retry = useRetry(cause.kind);
  return (
    <li className="flex flex-col gap-3 px-5 py-4">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0 flex-1 basis-72">
          <p className="flex flex-wrap items-center gap-2">
            <Badge tone="danger">
              {t(`counts.${cause.kind}`, { count: cause.count, edges: cause.edges })}
            </Badge>
            {!cause.same && <span className="text-text-muted text-[0.8125rem]">{t('example')}</span>}
          </p>
          <p className="mt-1.5 text-pretty">{cause.problem ? say(cause.problem) : t('noReason')}</p>
        </div>
        <div className="flex flex-wrap gap-2">
          <Button
            size="sm"
            variant="ghost"
            aria-expanded={open}
            aria-controls={details}
            icon={<ChevronDown className={classNames('transition-transform', open && 'rotate-180')} />}
            onClick={() => setOpen(!open)}
          >
            {t('where')}
          </Button>
          <Button
            size="sm"
            icon={<RotateCw />}
            busy={retry.isPending}
            disabledReason={mayAct ? undefined : t('operatorsOnly')}
            onClick={() => retry.mutate({ id: cause.id })}
          >
            {t(cause.kind === 'edge' ? 'check' : 'retry', { count: cause.count })}
          </Button>
          {cause.kind === 'distribution' && <Dismiss cause={cause} mayAct={mayAct} />}
        </div>
      </div>
      <div id={details} hidden={!open}>
        <ul className="bg-surface-sunken flex max-h-72 flex-col gap-2 overflow-y-auto rounded-lg p-3 text-[0.8125rem]">
          {cause.items.map((item) => (
            <Item
              key={`${item.distributionId} ${item.edgeId} ${item.releaseId}`}
              item={item}
              same={cause.same}
            />
          ))}
          {cause.count > cause.items.length && (
            <li className="text-text-muted">{t('more', { count: cause.count - cause.items.length })}</li>
          )}
        </ul>
      </div>
    </li>
  );
}

/** Sets the failures of a cause aside; what lasts until it is mended has no such button. */
function Dismiss({ cause: { id, count }, mayAct }: { cause: FailureCause; mayAct: boolean }) {
  const t = useTranslations('edgePages.failures');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const dismiss = useMutation(
    trpc.overview.dismiss.mutationOptions({
      onSuccess: async (done) => {
        toast.success(t('dismissed', { count: done.count }));
        await queries.invalidateQueries(trpc.overview.pathFilter());
      },
    }),
  );
  return (
    <>
      <Button
        size="sm"
        variant="ghost"
        icon={<X />}
        disabledReason={mayAct ? undefined : t('operatorsOnly')}
        onClick={() => setAsking(true)}
      >
        {t('dismiss', { count })}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('dismissTitle', { count })}
        confirmLabel={t('dismiss', { count })}
        tone="primary"
        problemOf={problemOf}
        onConfirm={async () => {
          await dismiss.mutateAsync({ id });
        }}
      >
        {t('dismissText')}
      </ConfirmDialog>
    </>
  );
}

function useRetry(kind: FailureCause['kind']) {
  const t = useTranslations('edgePages.failures');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const say = useProblemText();
  return useMutation(
    trpc.overview.retry.mutationOptions({
      onSuccess: async ({ count }) => {
        toast.success(t(kind === 'edge' ? 'checking' : 'started', { count }));
        await queries.invalidateQueries(trpc.overview.pathFilter());
      },
      onError: (error) => void toast.error(say(problemOf(error))),
    }),
  );
}

function Item({ item, same }: { item: FailureItem; same: boolean }) {
  const say = useProblemText();
  const { edgeId, edgeName, releaseId, releaseName, version, distributionId, problem } = item;
  return (
    <li className="min-w-0">
      <p className="flex flex-wrap gap-x-2">
        {edgeId !== null && <TextLink href={`/operations/edges/${edgeId}`}>{edgeName ?? edgeId}</TextLink>}
        {releaseId !== null && (
          <TextLink
            href={
              distributionId === null
                ? `/operations/releases?release=${releaseId}`
                : `/operations/distributions/${distributionId}`
            }
          >
            {[releaseName ?? releaseId, version].join(' ')}
          </TextLink>
        )}
      </p>
      {problem && (!same || problem.detail !== undefined) && (
        <p className="text-text-muted break-words">
          {same ? null : say(problem)}{' '}
          {problem.detail !== undefined && <code className="font-mono text-xs">{problem.detail}</code>}
        </p>
      )}
    </li>
  );
}
