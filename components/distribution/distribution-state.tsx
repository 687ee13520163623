'use client';

import { useTranslations } from 'next-intl';
import type { Distribution } from '@/server/operations/distribution/schemas';
import { StatusDot } from '../ui/status-dot';
import type { Tone } from '../ui/tone';

const tones: Record<Distribution['state'], Tone> = {
  running: 'accent',
  done: 'success',
  failed: 'danger',
  cancelled: 'warning',
};

/** How a distribution stands, in words. */
export function DistributionStateDot({ state }: { state: Distribution['state'] }) {
  const t = useTranslations('distributionPages.runStates');
  return <StatusDot tone={tones[state]} label={t(state)} busy={state === 'running'} />;
}
