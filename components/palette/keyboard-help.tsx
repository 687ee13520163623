'use client';

import { useTranslations } from 'next-intl';
import { Dialog } from '../ui/dialog';
import { Kbd } from '../ui/kbd';
import { useActions } from './actions';

/** The keys that work on this page, made from the same registry as the palette. */
export function KeyboardHelp({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const t = useTranslations('shell.keys');
  const actions = useActions().filter((action) => action.shortcut !== undefined);
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('title')} description={t('description')}>
      <dl className="grid grid-cols-[1fr_auto] gap-x-6 gap-y-2.5 text-sm">
        {actions.map((action) => (
          <div key={action.id} className="contents">
            <dt>{action.label}</dt>
            <dd className="justify-self-end">
              <Kbd keys={action.shortcut ?? ''} />
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
