'use client';

import { useTranslations } from 'next-intl';
import { useMemo } from 'react';
import type { VmView } from '@/server/workbench/model';
import type { PowerAction } from '@/server/workbench/vm-gates';
import { usePaletteActions } from '../palette/actions';

/** Actions without a question before them; the others are done from their buttons, which ask. */
const direct: readonly PowerAction[] = ['start', 'stop', 'reboot', 'pause', 'resume'];

/**
 * Offers a VM's power in the palette, as far as its state allows.
 *
 * @param act does the action
 */
export function useVmPalette(vm: Pick<VmView, 'name' | 'gates'>, act: (action: PowerAction) => void): void {
  const t = useTranslations('workbench.power');
  const { name, gates } = vm;
  usePaletteActions(
    useMemo(
      () =>
        direct
          .filter((action) => gates[action].allowed)
          .map((action) => ({
            id: `vm.${action}`,
            label: t('palette', { action: t(action), name }),
            group: t('label', { name }),
            run: () => act(action),
          })),
      // `act` is made anew at every render, and does the same at every one of them.
      // oxlint-disable-next-line react/exhaustive-deps
      [gates, name, t],
    ),
  );
}
