'use client';

import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTRPC } from '../api/trpc-provider';
import { VmConsole } from './vm-console';

/** The console alone in a window of its own. */
export function ConsoleWindow({ vmId }: { vmId: string }) {
  const trpc = useTRPC();
  const { data: vm } = useQuery(trpc.workbench.vms.get.queryOptions({ vmId }));
  const name = vm?.name;
  useEffect(() => {
    if (name !== undefined) document.title = name;
  }, [name]);
  if (!vm) return null;
  return (
    <main className="bg-background">
      <h1 className="sr-only">{vm.name}</h1>
      <VmConsole vmId={vmId} vmName={vm.name} state={vm.state} ownWindow />
    </main>
  );
}
