import { redirect } from 'next/navigation';
import { actorOfRequest } from '@/server/api/trpc/server';

// Whoever builds goes to the workbench; everybody else came for the store.
export default async function HomePage() {
  const actor = await actorOfRequest();
  redirect(actor.userId === undefined ? '/store' : '/projects');
}
