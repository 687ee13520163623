import { useTranslations } from 'next-intl';
import { StatusDot } from '../ui/status-dot';
import type { Tone } from '../ui/tone';
import type { Stand } from './stand';

const tones: Record<Stand, Tone> = { well: 'success', unwell: 'danger', unknown: 'warning', off: 'neutral' };

/** How an edge stands, in a colour and in words. */
export function HealthDot({ stand }: { stand: Stand }) {
  const t = useTranslations('edgePages.health');
  return <StatusDot tone={tones[stand]} label={t(stand)} />;
}
