'use client';

import { EllipsisVertical, Pause, Play, Power, PowerOff, RotateCcw, Trash2, Zap } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import type { VmView } from '@/server/workbench/model';
import type { PowerAction } from '@/server/workbench/vm-gates';
import { problemOf } from '../api/problem-of';
import { Button } from '../ui/button';
import { classNames } from '../ui/class-names';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { DropdownMenu, type MenuEntry } from '../ui/dropdown-menu';
import { IconButton } from '../ui/icon-button';
import { useVmActions } from './use-vm-actions';

const icons: Record<PowerAction, ReactNode> = {
  start: <Play />,
  stop: <Power />,
  forceStop: <PowerOff />,
  reboot: <RotateCcw />,
  reset: <Zap />,
  pause: <Pause />,
  resume: <Play />,
};

type Asked = 'forceStop' | 'reset' | 'delete';

/**
 * The power of a VM: the action that fits its state as a button, the others in a menu. What is not possible now says
 * why, and offers the way out.
 *
 * @param compact for rows of a table and the console's bar: icons only
 */
export function PowerButtons({ vm, compact = false }: { vm: VmView; compact?: boolean }) {
  const t = useTranslations('workbench.power');
  const router = useRouter();
  const actions = useVmActions(vm);
  const [asked, setAsked] = useState<Asked>();

  const press = (action: PowerAction) => {
    if (action === 'forceStop' || action === 'reset') setAsked(action);
    else actions.act(action);
  };
  const item = (action: PowerAction): MenuEntry => ({
    label: t(action),
    icon: icons[action],
    disabledReason: actions.reason(action),
    danger: action === 'forceStop' || action === 'reset',
    onSelect: () => press(action),
  });
  const button = (action: PowerAction, variant: 'primary' | 'secondary' = 'secondary') => {
    const reason = actions.reason(action);
    const wayOut = actions.wayOut(action);
    const shared = {
      busy: actions.pending === action,
      icon: icons[action],
      onClick: () => press(action),
      ...(reason === undefined ? {} : { disabledReason: reason }),
    };
    if (compact) return <IconButton key={action} label={t(action)} variant="secondary" {...shared} />;
    return (
      <Button
        key={action}
        variant={variant}
        {...shared}
        reasonAction={
          wayOut !== undefined && (
            <Button size="sm" onClick={() => press(wayOut)}>
              {t(wayOut)}
            </Button>
          )
        }
      >
        {t(action)}
      </Button>
    );
  };

  const off = vm.state === 'stopped' || vm.state === 'failed';
  const pauseOrResume: PowerAction = vm.state === 'paused' ? 'resume' : 'pause';
  return (
    <div
      className={classNames('flex items-center gap-2', !compact && 'flex-wrap')}
      role="group"
      aria-label={t('label', { name: vm.name })}
    >
      {off ? button('start', 'primary') : button('stop')}
      {!compact && button('reboot')}
      {!compact && button(pauseOrResume)}
      <DropdownMenu
        label={t('more', { name: vm.name })}
        trigger={
          <IconButton label={t('more', { name: vm.name })} variant="secondary" icon={<EllipsisVertical />} />
        }
        items={[
          ...(compact ? [item(off ? 'stop' : 'start'), item('reboot'), item(pauseOrResume)] : []),
          item('reset'),
          item('forceStop'),
          'separator',
          {
            label: t('delete'),
            icon: <Trash2 />,
            danger: true,
            disabledReason: actions.reason('delete'),
            onSelect: () => setAsked('delete'),
          },
        ]}
      />
      <Question
        vm={vm}
        asked={asked}
        onClose={() => setAsked(undefined)}
        onConfirm={async (question) => {
          if (question !== 'delete') return actions.actConfirmed(question);
          await actions.remove();
          router.push(`/projects/${vm.projectId}/vms`);
        }}
      />
    </div>
  );
}

/** Asks before what cannot be undone, and names what will be lost. */
function Question({
  vm,
  asked,
  onClose,
  onConfirm,
}: {
  vm: VmView;
  asked: Asked | undefined;
  onClose: () => void;
  onConfirm: (asked: Asked) => Promise<void>;
}) {
  const t = useTranslations('workbench.power');
  const [last, setLast] = useState<Asked>('reset');
  // The words stay while the dialog closes.
  if (asked !== undefined && asked !== last) setLast(asked);
  return (
    <ConfirmDialog
      open={asked !== undefined}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t(`ask.${last}.title`, { name: vm.name })}
      losses={
        last === 'delete'
          ? [t('ask.delete.disk', { size: vm.diskGiB }), t('ask.delete.files'), t('ask.delete.log')]
          : [t('ask.unsaved')]
      }
      confirmLabel={t(last)}
      problemOf={problemOf}
      onConfirm={() => onConfirm(last)}
    >
      {t(`ask.${last}.text`)}
    </ConfirmDialog>
  );
}
