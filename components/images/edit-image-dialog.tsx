'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useId } from 'react';
import { useForm } from 'react-hook-form';
import { toast } from 'sonner';
import { visibilities, type DiskImage } from '@/server/images/schemas';
import { problemOf } from '../api/problem-of';
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
import { editForm, type EditValues } from './image-form';
import { useRuleTexts } from './upload-form';

/** Changes what is said about an image; its bytes never change. */
export function EditImageDialog({ image, onClose }: { image: DiskImage; onClose: () => void }) {
  const t = useTranslations('images');
  const formId = useId();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const form = useForm<EditValues>({
    defaultValues: {
      name: image.name,
      description: image.description,
      os: image.os ?? '',
      login: image.login ?? '',
      cloudInit: image.cloudInit,
      minMemoryMiB: String(image.minMemoryMiB),
      visibility: image.visibility,
    },
    resolver: zodResolver(editForm, { error: useRuleTexts() }) as never,
  });
  const update = useMutation(
    trpc.images.update.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries(trpc.images.pathFilter());
        toast.success(t('detail.saved'));
        onClose();
      },
    }),
  );
  const { errors } = form.formState;
  const choices = visibilities.filter((each) => each !== 'project' || image.projectId !== null);
  const save = (values: EditValues) => {
    // The resolver has made texts into what the server takes.
    update.mutate({ imageId: image.id, changes: editForm.parse(values) });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t('detail.editTitle')}
      size="lg"
      footer={
        <Button type="submit" form={formId} variant="primary" busy={update.isPending}>
          {t('detail.save')}
        </Button>
      }
    >
      <Form form={form} id={formId} onSubmit={save}>
        <Field label={t('new.name')} error={errors.name?.message} required>
          <Input {...form.register('name')} autoComplete="off" />
        </Field>
        <Field label={t('new.descriptionLabel')} error={errors.description?.message} optional>
          <Textarea rows={2} {...form.register('description')} />
        </Field>
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label={t('new.os')} error={errors.os?.message} optional>
            <Input {...form.register('os')} autoComplete="off" />
          </Field>
          <Field label={t('new.login')} error={errors.login?.message} optional>
            <Input mono {...form.register('login')} autoComplete="off" />
          </Field>
          <Field label={t('new.minMemory')} error={errors.minMemoryMiB?.message} required>
            <Input inputMode="numeric" {...form.register('minMemoryMiB')} autoComplete="off" />
          </Field>
        </div>
        <Checkbox label={t('new.cloudInit')} hint={t('new.cloudInitHint')} {...form.register('cloudInit')} />
        <ChoiceField
          control={form.control}
          name="visibility"
          label={t('new.visibility')}
          columns={choices.length === 3 ? 3 : 2}
          options={choices.map((value) => ({
            value,
            title: t(`visibility.${value}`),
            description: t(`visibility.${value}Text`),
          }))}
        />
        <FormErrors errors={errors} problem={update.error ? problemOf(update.error) : undefined} />
      </Form>
    </Dialog>
  );
}
