import { useTranslations } from 'next-intl';
import type { RegistryState } from '@/server/registries/schemas';
import { StatusDot } from '../ui/status-dot';
import type { Tone } from '../ui/tone';

const tones: Record<RegistryState, Tone> = {
  starting: 'info',
  ready: 'success',
  unavailable: 'danger',
};

/** How a registry stands, in a colour and in words. */
export function RegistryStateDot({ state }: { state: RegistryState }) {
  const t = useTranslations('adminRegistries.states');
  return <StatusDot tone={tones[state]} label={t(state)} busy={state === 'starting'} />;
}
