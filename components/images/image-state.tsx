'use client';

import { useTranslations } from 'next-intl';
import type { ImageState } from '@/server/images/schemas';
import { StatusDot } from '../ui/status-dot';
import type { Tone } from '../ui/tone';

const tones: Record<ImageState, Tone> = {
  uploading: 'info',
  checking: 'accent',
  ready: 'success',
  failed: 'danger',
};

/** An image's state in words, with a shape and a colour of its own. */
export function ImageStateDot({ state }: { state: ImageState }) {
  const t = useTranslations('images.states');
  return (
    <StatusDot tone={tones[state]} label={t(state)} busy={state === 'uploading' || state === 'checking'} />
  );
}
