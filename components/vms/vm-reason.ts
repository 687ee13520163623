'use client';

import { useTranslations } from 'next-intl';
import type { VmView } from '@/server/workbench/model';
import { useProblemText } from '../ui/error-state';

/** Gives the words for why a VM is stopped or failed; an empty text when there is nothing to say. */
export function useVmReason(): (vm: Pick<VmView, 'state' | 'reason' | 'problem'>) => string {
  const t = useTranslations();
  const problemText = useProblemText();
  return ({ state, reason, problem }) => {
    if (problem !== undefined) return problemText(problem);
    if (reason === undefined || (state !== 'stopped' && state !== 'failed')) return '';
    return reason === 'missing' ? t('workbench.reasons.missing') : t(`sites.reasons.${reason}`);
  };
}
