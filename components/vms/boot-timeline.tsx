'use client';

import { useTranslations } from 'next-intl';
import type { BootPhase } from '@/server/sites/site';
import type { BootView } from '@/server/workbench/model';
import { useNow } from '../ui/clock';
import { useDuration } from '../ui/duration';
import { Notice } from '../ui/notice';
import { Timeline, type TimelineStep } from '../ui/timeline';

/** The phases every start passes; others are shown when they are seen. */
const expected: readonly BootPhase[] = ['firmware', 'kernel', 'login'];
const order: readonly BootPhase[] = ['firmware', 'bootloader', 'kernel', 'userspace', 'login', 'panic'];
/** So long in one phase is worth a hint. */
const stalledMs = 90_000;

/**
 * How a VM's start goes, told from its serial line: step by step while it boots, in one line once the login prompt
 * came. A guest that never gets there is said to be so, and left to run.
 */
export function BootTimeline({ boot }: { boot: BootView }) {
  const t = useTranslations('workbench.boot');
  const now = useNow(1000);
  const duration = useDuration();
  const { startedAt, phases, verdict } = boot;
  if (verdict === 'idle' || startedAt === undefined) return null;

  if (verdict === 'booted') {
    // Firmware is where a start begins: that it was reached at once says nothing.
    const words = phases
      .filter(({ phase }) => phase !== 'firmware')
      .map(({ phase, at }) => t('reached', { phase: t(`phases.${phase}`), time: duration(at - startedAt) }));
    return (
      <p className="text-text-muted tabular text-sm">
        <span className="text-text font-medium">{t('booted')}</span> {words.join(' · ')}
      </p>
    );
  }

  const since = phases.at(-1)?.at ?? startedAt;
  const quiet = now === undefined ? 0 : now - since;
  // Silence makes no notice: the page has to see by itself that the time is over.
  const waited = now === undefined ? 0 : now - startedAt;
  const silent = verdict === 'silent' || (verdict === 'booting' && waited > boot.silentAfterMs);
  return (
    <div className="flex flex-col gap-3">
      <Timeline label={t('label')} steps={stepsOf(boot, t, duration)} />
      {verdict === 'panic' && (
        <Notice tone="danger" title={t('panic')}>
          {t('panicText')}
        </Notice>
      )}
      {silent && (
        <Notice tone="warning" title={t('silent', { time: duration(boot.silentAfterMs) })}>
          {t('silentText')}
        </Notice>
      )}
      {!silent && verdict === 'booting' && quiet > stalledMs && (
        <Notice tone="info" title={t('stalled', { time: duration(quiet) })}>
          {t('stalledText')}
        </Notice>
      )}
    </div>
  );
}

function stepsOf(
  { phases, startedAt = 0, verdict }: BootView,
  t: ReturnType<typeof useTranslations<'workbench.boot'>>,
  duration: (ms: number) => string,
): TimelineStep[] {
  const seen = new Map(phases.map(({ phase, at }) => [phase, at]));
  const last = Math.max(-1, ...phases.map(({ phase }) => order.indexOf(phase)));
  const shown = order.filter((phase) => seen.has(phase) || expected.includes(phase));
  const next = shown.find((phase) => !seen.has(phase) && order.indexOf(phase) > last);
  return shown.map((phase) => {
    const at = seen.get(phase);
    const title = t(`phases.${phase}`);
    if (phase === 'panic') return { id: phase, title, state: 'failed' };
    if (at !== undefined) return { id: phase, title, state: 'done', time: duration(at - startedAt) };
    if (order.indexOf(phase) < last) return { id: phase, title, state: 'skipped' };
    return { id: phase, title, state: phase === next && verdict !== 'panic' ? 'running' : 'waiting' };
  });
}
