'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { toast } from 'sonner';
import type { VmView } from '@/server/workbench/model';
import type { PowerAction, VmAction } from '@/server/workbench/vm-gates';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { useProblemText } from '../ui/error-state';

/** What can be done to a VM from a page: its power, its deletion, and why something cannot be done now. */
export function useVmActions(vm: Pick<VmView, 'id' | 'name' | 'gates'>) {
  const t = useTranslations();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const problemText = useProblemText();

  const refresh = () => queries.invalidateQueries({ queryKey: trpc.workbench.pathKey() });
  const onError = (error: unknown) => void toast.error(problemText(problemOf(error)));
  // Refreshed after a refusal as well: the page offered what the VM's state does not allow any more.
  const act = useMutation(trpc.workbench.vms.act.mutationOptions({ onError, onSettled: refresh }));
  const remove = useMutation(trpc.workbench.vms.remove.mutationOptions({ onSettled: refresh }));

  return {
    act: (action: PowerAction) => act.mutate({ vmId: vm.id, action }),
    /** For confirmations, which show what went wrong themselves. */
    actConfirmed: async (action: PowerAction) => {
      await act.mutateAsync({ vmId: vm.id, action });
    },
    remove: async () => {
      await remove.mutateAsync({ vmId: vm.id });
    },
    /** The action that is on its way to the server. */
    pending: act.isPending ? act.variables.action : undefined,
    /** Why an action is not possible now, in words; undefined when it is. */
    reason: (action: VmAction): string | undefined => {
      const gate = vm.gates[action];
      return gate.allowed ? undefined : t(gate.key, { name: vm.name });
    },
    /** The power action that leads out of the reason. */
    wayOut: (action: VmAction): PowerAction | undefined => {
      const gate = vm.gates[action];
      return gate.allowed || gate.wayOut === undefined || gate.wayOut === 'stopAndCapture'
        ? undefined
        : gate.wayOut;
    },
  };
}
