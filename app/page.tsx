import { redirect } from 'next/navigation';
import { roomsFor } from '@/components/shell/navigation';
import { visitorOfRequest } from '@/server/api/trpc/server';

// Whoever builds goes to the workbench; everybody else came for the store, or for what is played here.
export default async function HomePage() {
  const visitor = await visitorOfRequest();
  const open = roomsFor(visitor).map(({ href }) => href);
  if (visitor.userId === undefined) redirect(open.includes('/store') ? '/store' : '/sign-in');
  const home = ['/projects', '/operations', '/store'].find((href) => open.includes(href));
  redirect(home ?? '/account');
}
