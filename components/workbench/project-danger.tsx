'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Copy, Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import type { Belonging, ProjectView } from '@/server/workbench/model';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { useByteSize } from '../ui/byte-size';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Dialog } from '../ui/dialog';
import { useProblemText } from '../ui/error-state';
import { Field } from '../ui/field';
import { Input } from '../ui/input';

/** Copying a project, and deleting it with everything that is its own. */
export function ProjectDanger({ project }: { project: ProjectView }) {
  const t = useTranslations('workbench.settings');
  const [asked, setAsked] = useState<'clone' | 'delete'>();
  const close = (open: boolean) => {
    if (!open) setAsked(undefined);
  };
  return (
    <Card title={t('copyAndDelete')}>
      <div className="flex flex-col gap-5">
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="text-text-muted max-w-lg">{t('cloneText')}</p>
          <Button icon={<Copy />} onClick={() => setAsked('clone')}>
            {t('clone')}
          </Button>
        </div>
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="text-text-muted max-w-lg">{t('deleteText')}</p>
          <Button
            variant="danger"
            icon={<Trash2 />}
            onClick={() => setAsked('delete')}
            {...(project.role === 'member' ? { disabledReason: t('ownerOnly') } : {})}
          >
            {t('delete')}
          </Button>
        </div>
      </div>
      {asked === 'clone' && <CloneDialog project={project} onOpenChange={close} />}
      <DeleteDialog project={project} open={asked === 'delete'} onOpenChange={close} />
    </Card>
  );
}

function CloneDialog({
  project,
  onOpenChange,
}: {
  project: ProjectView;
  onOpenChange: (open: boolean) => void;
}) {
  const t = useTranslations('workbench');
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [name, setName] = useState(t('settings.cloneName', { name: project.name }));
  const clone = useMutation(
    trpc.workbench.projects.clone.mutationOptions({
      onSuccess: async ({ id }) => {
        await queries.invalidateQueries({ queryKey: trpc.workbench.projects.pathKey() });
        router.push(`/projects/${id}`);
      },
    }),
  );
  const error = clone.error && problemOf(clone.error);
  return (
    <Dialog
      open
      onOpenChange={onOpenChange}
      title={t('settings.cloneTitle', { name: project.name })}
      description={t('settings.cloneText')}
      footer={
        <Button type="submit" form="clone-project" variant="primary" busy={clone.isPending}>
          {t('settings.clone')}
        </Button>
      }
    >
      <form
        method="post"
        id="clone-project"
        onSubmit={(event) => {
          event.preventDefault();
          clone.mutate({ projectId: project.id, name });
        }}
      >
        <Field
          label={t('form.name')}
          hint={error?.key === 'problems.badInput' ? undefined : t('form.rules.name')}
          error={
            error
              ? error.key === 'problems.badInput'
                ? t('form.rules.name')
                : problemText(error)
              : undefined
          }
          required
        >
          <Input value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
      </form>
    </Dialog>
  );
}

function DeleteDialog({
  project,
  open,
  onOpenChange,
}: {
  project: ProjectView;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const t = useTranslations('workbench.settings');
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  const sizeOf = useByteSize();
  const plan = useQuery(
    trpc.workbench.projects.removalPlan.queryOptions({ projectId: project.id }, { enabled: open }),
  );
  const remove = useMutation(trpc.workbench.projects.remove.mutationOptions());
  const line = ({ type, name, size }: Belonging) =>
    size === undefined
      ? t(`belonging.${type}`, { name })
      : t('belongingSize', { what: t(`belonging.${type}`, { name }), size: sizeOf(size) });
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={t('deleteTitle', { name: project.name })}
      losses={plan.data === undefined ? [] : [...plan.data.map(line), t('belonging.project')]}
      confirmLabel={t('delete')}
      typeToConfirm={project.name}
      problemOf={problemOf}
      onConfirm={async () => {
        await remove.mutateAsync({ projectId: project.id });
        await queries.invalidateQueries({ queryKey: trpc.workbench.projects.pathKey() });
        router.push('/projects');
      }}
    >
      {plan.isPending ? t('deleteLooking') : t('deleteAsk')}
    </ConfirmDialog>
  );
}
