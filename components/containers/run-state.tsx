'use client';

import { useTranslations } from 'next-intl';
import type { TestState } from '@/server/containers/schemas';
import { StatusDot } from '../ui/status-dot';
import type { Tone } from '../ui/tone';

const runTones = {
  deploying: 'accent',
  ready: 'success',
  notReady: 'warning',
  failed: 'danger',
  removing: 'warning',
} as const satisfies Record<TestState, Tone>;

/** The state of a test deployment, in words. */
export function RunStateDot({ state }: { state: TestState }) {
  const t = useTranslations('containerPages.runStates');
  return (
    <StatusDot tone={runTones[state]} label={t(state)} busy={state === 'deploying' || state === 'removing'} />
  );
}
