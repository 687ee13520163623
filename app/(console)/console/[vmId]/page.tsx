import { notFound, redirect } from 'next/navigation';
import { ConsoleWindow } from '@/components/console/console-window';
import { DeploymentConsole } from '@/components/console/deployment-console';
import { actorOfRequest, callerOfRequest } from '@/server/api/trpc/server';

export default async function ConsolePage({ params }: { params: Promise<{ vmId: string }> }) {
  const vmId = decodeURIComponent((await params).vmId);
  const actor = await actorOfRequest();
  if (actor.userId === undefined)
    redirect(`/sign-in?next=${encodeURIComponent(`/console/${encodeURIComponent(vmId)}`)}`);
  const caller = await callerOfRequest();
  // A VM of a deployment is called by both their names.
  const [, deploymentId, resource] = /^(dep_[^.]+)\.(.+)$/.exec(vmId) ?? [];
  if (deploymentId !== undefined && resource !== undefined) {
    const deployment = await caller.deployments.get({ id: deploymentId }).catch(() => undefined);
    if (!deployment) notFound();
    return <DeploymentConsole deploymentId={deploymentId} resource={resource} />;
  }
  const vm = await caller.workbench.vms.get({ vmId }).catch(() => undefined);
  if (!vm) notFound();
  return <ConsoleWindow vmId={vmId} />;
}
