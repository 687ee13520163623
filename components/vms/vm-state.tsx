'use client';

import { useTranslations } from 'next-intl';
import type { VmState } from '@/server/workbench/vm-gates';
import { StatusDot } from '../ui/status-dot';
import type { Tone } from '../ui/tone';

const tones: Record<VmState, Tone> = {
  creating: 'info',
  starting: 'info',
  running: 'success',
  paused: 'warning',
  stopping: 'info',
  stopped: 'neutral',
  capturing: 'accent',
  failed: 'danger',
  deleting: 'danger',
};

const busy: ReadonlySet<VmState> = new Set(['creating', 'starting', 'stopping', 'capturing', 'deleting']);

/** A VM's state in words, with a shape and a colour of its own. */
export function VmStateDot({ state, detail }: { state: VmState; detail?: string }) {
  const t = useTranslations('workbench.states');
  return (
    <StatusDot
      tone={tones[state]}
      label={t(state)}
      busy={busy.has(state)}
      {...(detail === undefined ? {} : { detail })}
    />
  );
}
