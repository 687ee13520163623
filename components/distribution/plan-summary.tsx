'use client';

import { Send } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import type { DistributionPlan } from '@/server/operations/distribution/schemas';
import { Button } from '../ui/button';
import { ByteSize } from '../ui/byte-size';
import { Card } from '../ui/card';
import { Checkbox } from '../ui/checkbox';
import { KeyValueList } from '../ui/key-value';
import { Notice } from '../ui/notice';
import { Seconds } from './plan-detail';

/** What a plan costs, what it saves, what stands in the way, and the button that starts it. */
export function PlanSummary({
  plan,
  mayStart,
  busy,
  anyway,
  onAnyway,
  onStart,
  onLeaveOut,
  children,
}: {
  plan: DistributionPlan;
  /** Whether the reader is an operator. */
  mayStart: boolean;
  busy: boolean;
  /** Whether also what does not fit is to be sent. */
  anyway: boolean;
  onAnyway: (anyway: boolean) => void;
  onStart: () => void;
  /** Goes on without these edges. */
  onLeaveOut: (edgeIds: string[]) => void;
  /** What the server said against it. */
  children?: ReactNode;
}) {
  const t = useTranslations('distributionPages.plan');
  const { totals, cells, edges } = plan;
  const saved = cells.reduce((sum, { bytesThere }) => sum + bytesThere, 0);
  const movable = cells.filter(({ stand }) => stand !== 'present' && stand !== 'impossible').length;
  const full = edges.filter(({ fits }) => !fits);
  const silent = edges.filter(({ problem }) => problem !== null);
  // An edge that gives no answer now may give one when its turn comes.
  const hopeless = cells.every(
    ({ stand, edgeId }) => stand === 'impossible' && silent.every(({ id }) => id !== edgeId),
  );
  const refusal = !mayStart ? t('operatorsStart') : hopeless ? t('noneCan') : undefined;
  const allPresent = totals.present === totals.cells;
  return (
    <aside className="flex flex-col gap-4 xl:sticky xl:top-20" aria-label={t('summary')}>
      <Card title={t('summary')}>
        <div className="flex flex-col gap-5">
          <KeyValueList
            items={[
              {
                label: t('moves'),
                value: <ByteSize bytes={totals.bytes} />,
                hint: t('movesHint', { count: movable }),
              },
              {
                label: t('saved'),
                value: <ByteSize bytes={saved} />,
                hint: t('savedHint', { count: totals.present, all: totals.cells }),
              },
              { label: t('time'), value: <Seconds seconds={totals.seconds} />, hint: t('timeHint') },
            ]}
          />
          {children}
          <Button
            variant="primary"
            size="lg"
            icon={<Send />}
            busy={busy}
            onClick={onStart}
            {...(refusal !== undefined && { disabledReason: refusal })}
          >
            {t(allPresent ? 'proveAgain' : 'start')}
          </Button>
          <p className="text-text-muted text-[0.8125rem]">{t(allPresent ? 'allPresent' : 'then')}</p>
        </div>
      </Card>
      {full.length > 0 && (
        <EdgeNotice
          title={t('fullEdges', { count: full.length })}
          text={anyway ? t('fullText') : `${t('fullText')} ${t('fullFails')}`}
          edges={full}
          onLeaveOut={edges.length > full.length ? onLeaveOut : undefined}
        >
          <Checkbox
            label={t('anyway')}
            hint={t('anywayHint')}
            checked={anyway}
            onChange={(event) => onAnyway(event.target.checked)}
          />
        </EdgeNotice>
      )}
      {silent.length > 0 && (
        <EdgeNotice
          title={t('silentEdges', { count: silent.length })}
          text={t('silentText')}
          edges={silent}
          onLeaveOut={edges.length > silent.length ? onLeaveOut : undefined}
        />
      )}
    </aside>
  );
}

/** Names shown of many. */
const mostNames = 6;

function EdgeNotice({
  title,
  text,
  edges,
  onLeaveOut,
  children,
}: {
  title: string;
  text: string;
  edges: DistributionPlan['edges'];
  onLeaveOut: ((edgeIds: string[]) => void) | undefined;
  children?: ReactNode;
}) {
  const t = useTranslations('distributionPages.plan');
  const names = edges.slice(0, mostNames).map(({ name }) => name);
  return (
    <Notice
      tone="warning"
      title={title}
      action={
        onLeaveOut && (
          <Button size="sm" onClick={() => onLeaveOut(edges.map(({ id }) => id))}>
            {t('leaveOut')}
          </Button>
        )
      }
    >
      <p>{text}</p>
      <p className="text-text-muted mt-1 text-[0.8125rem] break-words">
        {names.join(', ')}
        {edges.length > names.length && ` ${t('more', { count: edges.length - names.length })}`}
      </p>
      {children !== undefined && <div className="mt-3">{children}</div>}
    </Notice>
  );
}
