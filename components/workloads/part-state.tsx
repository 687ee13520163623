'use client';

import { useTranslations } from 'next-intl';
import type { PartState } from '@/server/sites/workloads';
import { StatusDot } from '../ui/status-dot';
import type { Tone } from '../ui/tone';

const tones = {
  waiting: 'neutral',
  pulling: 'accent',
  starting: 'accent',
  ready: 'success',
  failed: 'danger',
  done: 'neutral',
} as const satisfies Record<PartState, Tone>;

/** The state of a pod or container. */
export function PartStateDot({ state }: { state: PartState }) {
  const t = useTranslations('workloadParts.states');
  return (
    <StatusDot tone={tones[state]} label={t(state)} busy={state === 'pulling' || state === 'starting'} />
  );
}
