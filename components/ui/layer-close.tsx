'use client';

import { X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { Dialog as RadixDialog } from 'radix-ui';

/**
 * The cross of a dialog or drawer. It comes last in the document, so that focus goes first to what was asked, and has
 * no tooltip, which would take the first press of Escape for itself.
 */
export function LayerClose() {
  const t = useTranslations('ui');
  return (
    <RadixDialog.Close
      aria-label={t('close')}
      className="text-text-muted hover:bg-hover hover:text-text absolute top-3.5 right-3 grid size-9 place-items-center rounded-md transition-colors"
    >
      <X aria-hidden className="size-[1.125rem]" />
    </RadixDialog.Close>
  );
}
