'use client';

import { Command } from 'cmdk';
import { useTranslations } from 'next-intl';
import { Dialog } from 'radix-ui';
import { Kbd } from '../ui/kbd';
import { useActions } from './actions';

/** Everything that can be done now, found by typing. */
export function Palette({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const t = useTranslations('shell.palette');
  const actions = useActions();
  const groups = [...new Set(actions.map((action) => action.group))];
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="bg-overlay fixed inset-0 z-50" />
        <Dialog.Content
          aria-describedby={undefined}
          className="border-border bg-surface-raised shadow-overlay fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 overflow-clip rounded-xl border"
        >
          <Dialog.Title className="sr-only">{t('open')}</Dialog.Title>
          <Command label={t('open')} loop>
            <Command.Input
              placeholder={t('placeholder')}
              className="border-border placeholder:text-text-subtle w-full border-b bg-transparent px-4 py-3.5 text-base outline-none"
            />
            <Command.List className="max-h-[min(26rem,60dvh)] overflow-y-auto overscroll-contain p-2">
              <Command.Empty className="text-text-muted px-3 py-8 text-center text-sm">
                {t('nothing')}
              </Command.Empty>
              {groups.map((group) => (
                <Command.Group
                  key={group}
                  heading={group}
                  className="[&_[cmdk-group-heading]]:text-text-muted pb-1 [&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs"
                >
                  {actions
                    .filter((action) => action.group === group)
                    .map((action) => (
                      <Command.Item
                        key={action.id}
                        value={action.id}
                        keywords={[action.label, ...(action.keywords ?? [])]}
                        onSelect={() => {
                          onOpenChange(false);
                          action.run();
                        }}
                        className="data-[selected=true]:bg-selected flex cursor-pointer items-center justify-between gap-4 rounded-md px-3 py-2 text-sm"
                      >
                        {action.label}
                        {action.shortcut === undefined ? null : <Kbd keys={action.shortcut} />}
                      </Command.Item>
                    ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
