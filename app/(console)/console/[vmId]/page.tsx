import { notFound, redirect } from 'next/navigation';
import { ConsoleWindow } from '@/components/console/console-window';
import { actorOfRequest, callerOfRequest } from '@/server/api/trpc/server';

export default async function ConsolePage({ params }: { params: Promise<{ vmId: string }> }) {
  const { vmId } = await params;
  const actor = await actorOfRequest();
  if (actor.userId === undefined) redirect(`/sign-in?next=${encodeURIComponent(`/console/${vmId}`)}`);
  const caller = await callerOfRequest();
  const vm = await caller.workbench.vms.get({ vmId }).catch(() => undefined);
  if (!vm) notFound();
  return <ConsoleWindow vmId={vmId} />;
}
