import 'server-only';
import { getTranslations } from 'next-intl/server';
import { callerOfRequest } from '@/server/api/trpc/server';

/**
 * Title of a project's page: its name, and the tab's when one is given. Without a right to see it, the room's name.
 *
 * @param tab message key below `workbench.project`
 */
export async function projectTitle(projectId: string, tab?: string): Promise<string> {
  const t = await getTranslations('workbench');
  const caller = await callerOfRequest();
  const project = await caller.workbench.projects.get({ projectId }).catch(() => undefined);
  if (!project) return t('list.title');
  return tab === undefined ? project.name : `${t(`project.${tab}`)} · ${project.name}`;
}

/** Title of a VM's page. */
export async function vmTitle(vmId: string): Promise<string> {
  const caller = await callerOfRequest();
  const vm = await caller.workbench.vms.get({ vmId }).catch(() => undefined);
  return vm ? `${vm.name} · ${vm.projectName}` : (await getTranslations('workbench'))('project.vms');
}
