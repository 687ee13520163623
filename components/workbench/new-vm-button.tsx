'use client';

import { Plus } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { LinkButton } from '../ui/link-button';

/** Leads to the page that creates a VM in a project. */
export function NewVmButton({
  project,
}: {
  project: { id: string; name: string; removalJobId: string | undefined };
}) {
  const t = useTranslations('workbench');
  return (
    <LinkButton
      href={`/projects/${project.id}/vms/new`}
      variant="primary"
      icon={<Plus />}
      {...(project.removalJobId === undefined
        ? {}
        : { disabledReason: t('errors.projectGoing', { name: project.name }) })}
    >
      {t('project.newVm')}
    </LinkButton>
  );
}
