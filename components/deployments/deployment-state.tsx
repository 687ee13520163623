'use client';

import { useTranslations } from 'next-intl';
import type { DeploymentState } from '@/server/operations/deployments/schemas';
import { StatusDot } from '../ui/status-dot';
import type { Tone } from '../ui/tone';

const busy: readonly DeploymentState[] = ['creating', 'changing', 'deleting'];

const tones: Record<DeploymentState, Tone> = {
  creating: 'accent',
  changing: 'accent',
  ready: 'success',
  notReady: 'warning',
  failed: 'danger',
  deleting: 'warning',
  gone: 'neutral',
};

/** A deployment's state in words, with a shape and a colour of its own. */
export function DeploymentStateDot({ state }: { state: DeploymentState }) {
  const t = useTranslations('deployments.states');
  return <StatusDot tone={tones[state]} label={t(state)} busy={busy.includes(state)} />;
}
