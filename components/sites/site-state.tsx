import { useTranslations } from 'next-intl';
import type { SiteState } from '@/server/sites/schemas';
import { StatusDot } from '../ui/status-dot';
import type { Tone } from '../ui/tone';

const tones: Record<SiteState, Tone> = {
  ready: 'success',
  opening: 'info',
  unavailable: 'danger',
  disabled: 'neutral',
};

/** How a site stands, in a colour and in words. */
export function SiteStateDot({ state }: { state: SiteState }) {
  const t = useTranslations('adminSites.states');
  return <StatusDot tone={tones[state]} label={t(state)} busy={state === 'opening'} />;
}
