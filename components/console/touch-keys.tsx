'use client';

import type RFB from '@novnc/novnc';
import { useTranslations } from 'next-intl';
import { Button } from '../ui/button';
import { touchKeys } from './key-chords';
import { pressTogether } from './release-keys';

/** Keys under the picture on a phone; what is longer is typed by "type this text". */
export function TouchKeys({ rfb }: { rfb: RFB | undefined }) {
  const t = useTranslations('console');
  if (!rfb) return null;
  return (
    <div
      role="group"
      aria-label={t('touchKeys')}
      className="border-border flex gap-1 overflow-x-auto border-t p-2 md:hidden"
    >
      {touchKeys.map((chord) => (
        <Button
          key={chord.label}
          size="sm"
          onClick={() => {
            pressTogether(rfb, chord.keys);
          }}
        >
          {chord.label}
        </Button>
      ))}
    </div>
  );
}
