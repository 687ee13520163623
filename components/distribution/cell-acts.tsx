'use client';

import { RotateCcw, ScrollText, Send, Square } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { CellChoice, CellState } from '@/server/operations/distribution/schemas';
import { Button } from '../ui/button';
import { useMayOperate } from './use-may-operate';
import { useRunActs } from './use-run-acts';

/**
 * What can be done with some cells of a distribution.
 *
 * @param props `counts`: how many of them are how far; `full`: they failed for want of space; `onLog`: opens the log
 */
export function CellActs({
  distributionId,
  choice,
  counts,
  full = false,
  onLog,
}: {
  distributionId: string;
  choice: CellChoice;
  counts: Partial<Record<CellState, number>>;
  full?: boolean;
  onLog?: (() => void) | undefined;
}) {
  const t = useTranslations('distributionPages.run');
  const mayOperate = useMayOperate();
  const acts = useRunActs(distributionId);
  const again = (counts.failed ?? 0) + (counts.cancelled ?? 0);
  const open = (counts.waiting ?? 0) + (counts.running ?? 0);
  const refused = mayOperate ? {} : { disabledReason: t('operatorsAct') };
  return (
    <div className="flex flex-wrap gap-2 empty:hidden">
      {onLog && (
        <Button size="sm" icon={<ScrollText />} onClick={onLog}>
          {t('showLog')}
        </Button>
      )}
      {again > 0 && (
        <Button
          size="sm"
          icon={<RotateCcw />}
          busy={acts.retrying}
          onClick={() => acts.retry([choice], again)}
          {...refused}
        >
          {t('retry')}
        </Button>
      )}
      {again > 0 && full && (
        <Button
          size="sm"
          icon={<Send />}
          busy={acts.sendingAnyway}
          onClick={() => acts.retry([{ ...choice, anyway: true }], again)}
          {...refused}
        >
          {t('sendAnyway')}
        </Button>
      )}
      {open > 0 && (
        <Button
          size="sm"
          icon={<Square />}
          busy={acts.cancelling}
          onClick={() => acts.cancel(choice)}
          {...refused}
        >
          {t('cancel')}
        </Button>
      )}
    </div>
  );
}
