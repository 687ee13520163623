'use client';

import { Copy, RotateCcw, Square } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { problemOf } from '../api/problem-of';
import { Button } from '../ui/button';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { LinkButton } from '../ui/link-button';
import { addressOf } from './chosen-ids';
import type { Run } from './run-model';
import { useMayOperate } from './use-may-operate';
import { useRunActs } from './use-run-acts';

/** What can be done with a distribution as a whole; what cannot says why. */
export function RunActions({ run }: { run: Run }) {
  const t = useTranslations('distributionPages.run');
  const mayOperate = useMayOperate();
  const acts = useRunActs(run.id);
  const [asking, setAsking] = useState(false);
  const { counts, releases, edges } = run;
  const running = (counts.waiting ?? 0) + (counts.running ?? 0);
  const again = (counts.failed ?? 0) + (counts.cancelled ?? 0);
  const refused = mayOperate ? undefined : t('operatorsAct');
  return (
    <>
      <LinkButton
        href={addressOf('/operations/distributions/new', {
          releases: releases.map(({ id }) => id),
          edges: edges.map(({ id }) => id),
        })}
        icon={<Copy />}
        variant="ghost"
      >
        {t('planAgain')}
      </LinkButton>
      {running > 0 ? (
        <Button
          variant="danger"
          icon={<Square />}
          onClick={() => setAsking(true)}
          {...(refused !== undefined && { disabledReason: refused })}
        >
          {t('cancelAll')}
        </Button>
      ) : null}
      {again > 0 && (
        <Button
          icon={<RotateCcw />}
          busy={acts.retrying}
          onClick={() => acts.retry([{}], again)}
          {...(refused !== undefined && { disabledReason: refused })}
        >
          {t('retryAll', { count: again })}
        </Button>
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('cancelTitle', { count: running })}
        confirmLabel={t('cancelConfirm')}
        cancelLabel={t('keepRunning')}
        problemOf={problemOf}
        onConfirm={async () => {
          await acts.cancelAll();
        }}
      >
        {t('cancelText')}
      </ConfirmDialog>
    </>
  );
}
