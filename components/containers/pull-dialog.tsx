'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useId, useState } from 'react';
import { useForm, useFormContext, useWatch } from 'react-hook-form';
import { toast } from 'sonner';
import { problemOf } from '../api/problem-of';
import { newRequestKey } from '../api/request-key';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { Checkbox } from '../ui/checkbox';
import { ChoiceField } from '../ui/choice-field';
import { Dialog } from '../ui/dialog';
import { Field } from '../ui/field';
import { Form } from '../ui/form';
import { FormErrors } from '../ui/form-errors';
import { Input } from '../ui/input';
import { Textarea } from '../ui/textarea';
import { emptyPull, pullForm, pullOf, type PullValues } from './pull-form';

interface PullDialogProps {
  projectId: string;
  /** What the field says at first: an image that a deployment text names. */
  reference?: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Asks which image shall be fetched from a registry, and starts that. */
export function PullDialog(props: PullDialogProps) {
  const t = useTranslations('containerPages.pull');
  const formId = useId();
  const [busy, setBusy] = useState(false);
  return (
    <Dialog
      open={props.open}
      onOpenChange={props.onOpenChange}
      title={t('title')}
      description={t('text')}
      size="lg"
      footer={
        <>
          <Button onClick={() => props.onOpenChange(false)}>{t('cancel')}</Button>
          <Button type="submit" form={formId} variant="primary" busy={busy}>
            {t('submit')}
          </Button>
        </>
      }
    >
      {props.open && <PullForm {...props} id={formId} onBusy={setBusy} />}
    </Dialog>
  );
}

function PullForm({
  id,
  projectId,
  reference = '',
  onOpenChange,
  onBusy,
}: PullDialogProps & { id: string; onBusy: (busy: boolean) => void }) {
  const t = useTranslations('containerPages.pull');
  const trpc = useTRPC();
  const queries = useQueryClient();
  // A double click is one request: the server gives the job of the first.
  const [requestKey] = useState(newRequestKey);
  const form = useForm<PullValues>({
    defaultValues: { ...emptyPull, reference },
    resolver: zodResolver(pullForm),
  });
  const pull = useMutation(
    trpc.containers.pull.mutationOptions({
      onMutate: () => onBusy(true),
      onSettled: () => onBusy(false),
      onSuccess: async (_job, { image }) => {
        onOpenChange(false);
        toast.success(t('started', { name: image.reference }));
        await queries.invalidateQueries(trpc.jobs.list.pathFilter());
      },
    }),
  );
  const { errors } = form.formState;
  return (
    <Form
      form={form}
      id={id}
      onSubmit={(values) => pull.mutate({ projectId, image: pullOf(values), requestKey })}
    >
      <Field
        label={t('reference')}
        hint={t('referenceHint')}
        error={errors.reference && t('missing')}
        required
      >
        <Input mono {...form.register('reference')} autoComplete="off" spellCheck={false} />
      </Field>
      <PlatformChoice />
      <LoginFields />
      <TrustFields />
      <FormErrors errors={{}} problem={pull.error ? problemOf(pull.error) : undefined} />
    </Form>
  );
}

function PlatformChoice() {
  const t = useTranslations('containerPages.pull');
  const { control } = useFormContext<PullValues>();
  const only = (platform: string) => ({
    value: platform,
    title: t('onePlatform', { platform }),
    description: t('onePlatformText'),
  });
  return (
    <ChoiceField
      control={control}
      name="platform"
      label={t('platforms')}
      options={[
        { value: 'all', title: t('allPlatforms'), description: t('allPlatformsText') },
        only('linux/amd64'),
        only('linux/arm64'),
      ]}
    />
  );
}

function LoginFields() {
  const t = useTranslations('containerPages.pull');
  const { control, register, formState } = useFormContext<PullValues>();
  const needed = useWatch({ control, name: 'needsLogin' });
  const { errors } = formState;
  return (
    <div className="flex flex-col gap-3">
      <Checkbox label={t('needsLogin')} {...register('needsLogin')} />
      {needed && (
        <div className="grid gap-4 pl-7 sm:grid-cols-2">
          <Field label={t('user')} error={errors.user && t('loginIncomplete')} required>
            <Input {...register('user')} autoComplete="off" />
          </Field>
          <Field
            label={t('password')}
            hint={t('passwordHint')}
            error={errors.password && t('loginIncomplete')}
            required
          >
            <Input type="password" {...register('password')} autoComplete="off" />
          </Field>
        </div>
      )}
    </div>
  );
}

function TrustFields() {
  const t = useTranslations('containerPages.pull');
  const { register } = useFormContext<PullValues>();
  return (
    <details>
      <summary className="text-accent w-fit cursor-pointer rounded-sm text-sm">{t('more')}</summary>
      <div className="mt-3 flex flex-col gap-4 pl-7">
        <Field label={t('ca')} hint={t('caHint')} optional>
          <Textarea mono rows={3} {...register('ca')} spellCheck={false} />
        </Field>
        <Checkbox label={t('plainHttp')} hint={t('plainHttpHint')} {...register('plainHttp')} />
      </div>
    </details>
  );
}
