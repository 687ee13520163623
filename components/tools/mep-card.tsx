'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useForm } from 'react-hook-form';
import { toast } from 'sonner';
import { z } from 'zod';
import { mepInput } from '@/server/workbench/guest/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { Field } from '../ui/field';
import { FormErrors } from '../ui/form-errors';
import { Input } from '../ui/input';
import { Skeleton } from '../ui/skeleton';

const form = z.object({
  address: mepInput.shape.address,
  port: mepInput.shape.port,
  accessKey: z.string().max(256),
  secretKey: z.string().max(256),
});
type Form = z.infer<typeof form>;

interface Mep {
  address: string;
  port: number;
  hasAccessKey: boolean;
  hasSecretKey: boolean;
}

/** Where a project's apps find their MEP; what the Edgeyard agent writes into the VMs. */
export function MepCard({ projectId }: { projectId: string }) {
  const t = useTranslations('tools.mep');
  const trpc = useTRPC();
  const { data } = useQuery(trpc.tools.mep.queryOptions({ projectId }));
  return (
    <Card title={t('title')} description={t('text')}>
      {data === undefined ? <Skeleton className="h-24" /> : <MepForm projectId={projectId} mep={data} />}
    </Card>
  );
}

function MepForm({ projectId, mep }: { projectId: string; mep: Mep | null }) {
  const t = useTranslations('tools.mep');
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { register, handleSubmit, reset, formState } = useForm<Form>({
    resolver: zodResolver(form),
    defaultValues: { address: mep?.address ?? '', port: mep?.port ?? 443, accessKey: '', secretKey: '' },
  });
  const save = useMutation(
    trpc.tools.setMep.mutationOptions({
      onSuccess: async (saved) => {
        reset({ address: saved.address, port: saved.port, accessKey: '', secretKey: '' });
        toast.success(t('saved'));
        await queryClient.invalidateQueries(trpc.tools.mep.pathFilter());
      },
    }),
  );
  const submit = handleSubmit(({ accessKey, secretKey, ...place }) => {
    // An empty field keeps the stored key.
    save.mutate({
      projectId,
      ...place,
      ...(accessKey !== '' && { accessKey }),
      ...(secretKey !== '' && { secretKey }),
    });
  });
  const { errors } = formState;
  return (
    <form
      method="post"
      onSubmit={(event) => void submit(event)}
      className="grid gap-4 sm:grid-cols-2"
      noValidate
    >
      <Field
        label={t('address')}
        hint={t('addressHint')}
        required
        {...(errors.address && { error: t('addressBad') })}
      >
        <Input mono {...register('address')} />
      </Field>
      <Field label={t('port')} required {...(errors.port && { error: t('portBad') })}>
        <Input type="number" min={1} max={65_535} {...register('port', { valueAsNumber: true })} />
      </Field>
      <Field label={t('accessKey')} optional hint={mep?.hasAccessKey === true ? t('kept') : t('keyHint')}>
        <Input type="password" autoComplete="off" {...register('accessKey')} />
      </Field>
      <Field label={t('secretKey')} optional hint={mep?.hasSecretKey === true ? t('kept') : t('keyHint')}>
        <Input type="password" autoComplete="off" {...register('secretKey')} />
      </Field>
      <div className="flex flex-col items-start gap-3 sm:col-span-2">
        <FormErrors errors={{}} problem={save.error ? problemOf(save.error) : undefined} />
        <Button type="submit" busy={save.isPending}>
          {t('save')}
        </Button>
      </div>
    </form>
  );
}
