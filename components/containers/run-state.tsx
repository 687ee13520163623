'use client';

import { useTranslations } from 'next-intl';
import type { TestState } from '@/server/containers/schemas';
import type { PartState } from '@/server/sites/workloads';
import { StatusDot } from '../ui/status-dot';
import type { Tone } from '../ui/tone';

const runTones = {
  deploying: 'accent',
  ready: 'success',
  notReady: 'warning',
  failed: 'danger',
  removing: 'warning',
} as const satisfies Record<TestState, Tone>;

const partTones = {
  waiting: 'neutral',
  pulling: 'accent',
  starting: 'accent',
  ready: 'success',
  failed: 'danger',
  done: 'neutral',
} as const satisfies Record<PartState, Tone>;

/** The state of a test run, in words. */
export function RunStateDot({ state }: { state: TestState }) {
  const t = useTranslations('containerPages.runStates');
  return (
    <StatusDot tone={runTones[state]} label={t(state)} busy={state === 'deploying' || state === 'removing'} />
  );
}

/** The state of a pod or container. */
export function PartStateDot({ state }: { state: PartState }) {
  const t = useTranslations('containerPages.partStates');
  return (
    <StatusDot tone={partTones[state]} label={t(state)} busy={state === 'pulling' || state === 'starting'} />
  );
}
