import { redirect } from 'next/navigation';
import { requirePageRole } from '@/components/access/require-role';

/** Everybody may look into the workbench's registry, so one begins there. */
export default async function RegistriesIndexPage() {
  await requirePageRole('developer');
  redirect('/registries/workbench');
}
