'use client';

import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { isVm, vmStateOf } from '@/server/operations/deployments/deployment-gates';
import { useTRPC } from '../api/trpc-provider';
import { VmConsole } from './vm-console';

/** The console of a deployment's VM, alone in a window of its own. */
export function DeploymentConsole({ deploymentId, resource }: { deploymentId: string; resource: string }) {
  const trpc = useTRPC();
  const { data: deployment } = useQuery(trpc.deployments.get.queryOptions({ id: deploymentId }));
  const name = deployment && `${deployment.name} · ${resource}`;
  useEffect(() => {
    if (name !== undefined) document.title = name;
  }, [name]);
  if (!deployment || name === undefined) return null;
  const found = deployment.resources.find((each) => each.name === resource && isVm(each));
  return (
    <main className="bg-background">
      <h1 className="sr-only">{name}</h1>
      <VmConsole
        vmId={`${deploymentId}.${resource}`}
        vmName={name}
        state={found ? vmStateOf(deployment.state, found) : 'stopped'}
        ownWindow
      />
    </main>
  );
}
