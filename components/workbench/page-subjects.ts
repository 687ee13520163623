import 'server-only';
import { getTranslations } from 'next-intl/server';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import type { Messages } from '@/messages/messages';
import { callerOfRequest } from '@/server/api/trpc/server';

const findProject = cache(async (projectId: string) =>
  (await callerOfRequest()).workbench.projects.get({ projectId }).catch(() => undefined),
);

const findVm = cache(async (vmId: string) =>
  (await callerOfRequest()).workbench.vms.get({ vmId }).catch(() => undefined),
);

/** The project of a page; without one, or without a right to see it, the page is "not found". */
export async function projectOfPage(projectId: string) {
  return (await findProject(projectId)) ?? notFound();
}

/** The container project of a page; a project of VMs has no such page. */
export async function containerProjectOfPage(projectId: string) {
  const project = await projectOfPage(projectId);
  return project.kind === 'container' ? project : notFound();
}

/** The VM project of a page; a project of containers has no such page. */
export async function vmProjectOfPage(projectId: string) {
  const project = await projectOfPage(projectId);
  return project.kind === 'vm' ? project : notFound();
}

/** The VM of a page; without one in this project, or without a right to see it, the page is "not found". */
export async function vmOfPage(projectId: string, vmId: string) {
  const vm = await findVm(vmId);
  return vm?.projectId === projectId ? vm : notFound();
}

/**
 * Title of a project's page: its name, and the tab's when one is given.
 *
 * @param tab which one, in the words of `workbench.project`
 */
export async function projectTitle(
  projectId: string,
  tab?: keyof Messages['workbench']['project'],
): Promise<string> {
  const t = await getTranslations('workbench');
  const name = (await findProject(projectId))?.name ?? t('list.title');
  return tab === undefined ? name : `${t(`project.${tab}`)} · ${name}`;
}

/** Title of a VM's page. */
export async function vmTitle(vmId: string): Promise<string> {
  const vm = await findVm(vmId);
  return vm ? `${vm.name} · ${vm.projectName}` : (await getTranslations('workbench'))('project.vms');
}
