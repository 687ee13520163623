'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { FolderPlus } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Field } from '../ui/field';
import { FormErrors } from '../ui/form-errors';
import { Input } from '../ui/input';

const form = z.object({
  name: z
    .string()
    .trim()
    .min(1)
    .max(255)
    .regex(/^(?!\.{1,2}$)[^/]+$/),
});

/** Makes a folder in the one that is shown. */
export function NewFolderButton({
  vmId,
  folder,
  disabledReason,
}: {
  vmId: string;
  folder: string;
  disabledReason: string | undefined;
}) {
  const t = useTranslations('files');
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        icon={<FolderPlus />}
        {...(disabledReason !== undefined && { disabledReason })}
        onClick={() => setOpen(true)}
      >
        {t('newFolder')}
      </Button>
      {open && <NewFolderDialog vmId={vmId} folder={folder} onClose={() => setOpen(false)} />}
    </>
  );
}

function NewFolderDialog({ vmId, folder, onClose }: { vmId: string; folder: string; onClose: () => void }) {
  const t = useTranslations('files');
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { register, handleSubmit, formState } = useForm({
    resolver: zodResolver(form),
    defaultValues: { name: '' },
  });
  const make = useMutation(
    trpc.files.makeFolder.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries(trpc.files.list.pathFilter());
        onClose();
      },
    }),
  );
  const submit = handleSubmit(({ name }) => {
    make.mutate({ vmId, path: folder === '/' ? `/${name}` : `${folder}/${name}` });
  });
  const bad = formState.errors.name && t('folderNameBad');
  return (
    <Dialog
      open
      size="sm"
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t('newFolder')}
      description={t('newFolderIn', { path: folder })}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button variant="primary" type="submit" form="new-folder" busy={make.isPending}>
            {t('create')}
          </Button>
        </>
      }
    >
      <form method="post" id="new-folder" onSubmit={(event) => void submit(event)} className="space-y-4">
        <Field
          label={t('folderName')}
          hint={t('folderNameHint')}
          {...(bad !== undefined && { error: bad })}
          required
        >
          <Input autoComplete="off" {...register('name')} />
        </Field>
        <FormErrors errors={{}} problem={make.error ? problemOf(make.error) : undefined} />
      </form>
    </Dialog>
  );
}
