'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ChevronDown, RotateCw, X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useId, useRef, useState } from 'react';
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
  const place = useRef<HTMLDivElement>(null);
  const [asked, setAsked] = useState<FailureCause>();
  const [asking, setAsking] = useState(false);
  const ask = (cause: FailureCause) => {
    setAsked(cause);
    setAsking(true);
  };
  return (
    // Takes the focus when a row and its button go; also when the last of them goes.
    <div ref={place} tabIndex={-1} className={causes.length === 0 ? 'sr-only' : 'rounded-xl outline-none'}>
      {causes.length > 0 && (
        <Card title={t('title')} description={t('text')} padded={false}>
          <ul className="divide-border divide-y">
            {causes.map((cause) => (
              <Cause key={cause.id} cause={cause} mayAct={mayAct} onSetAside={() => ask(cause)} />
            ))}
          </ul>
        </Card>
      )}
      {asked && (
        <SetAside cause={asked} open={asking} onOpenChange={setAsking} afterwards={() => place.current} />
      )}
    </div>
  );
}

function Cause({
  cause,
  mayAct,
  onSetAside,
}: {
  cause: FailureCause;
  mayAct: boolean;
  onSetAside: () => void;
}) {
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
          {/* What lasts until it is mended has no such button. */}
          {cause.kind === 'distribution' && (
            <Button
              size="sm"
              variant="ghost"
              icon={<X />}
              disabledReason={mayAct ? undefined : t('operatorsOnly')}
              onClick={onSetAside}
            >
              {t('dismiss', { count: cause.count })}
            </Button>
          )}
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

/** Sets the failures of a cause aside. @param afterwards what then has the focus */
function SetAside({
  cause: { id, count },
  open,
  onOpenChange,
  afterwards,
}: {
  cause: FailureCause;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  afterwards: () => HTMLElement | null;
}) {
  const t = useTranslations('edgePages.failures');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const done = useRef(false);
  const dismiss = useMutation(trpc.overview.dismiss.mutationOptions());
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={t('dismissTitle', { count })}
      confirmLabel={t('dismiss', { count })}
      tone="primary"
      problemOf={problemOf}
      returnFocus={() => {
        const target = done.current ? afterwards() : null;
        done.current = false;
        return target;
      }}
      onConfirm={async () => {
        const answer = await dismiss.mutateAsync({ id });
        done.current = true;
        toast.success(t('dismissed', { count: answer.count }));
        // Not awaited: the question closes before its row goes.
        void queries.invalidateQueries(trpc.overview.pathFilter());
      }}
    >
      {t('dismissText')}
    </ConfirmDialog>
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
