'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation } from '@tanstack/react-query';
import { Link2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { toast } from 'sonner';
import { problemOf } from '../api/problem-of';
import { newRequestKey } from '../api/request-key';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { Field } from '../ui/field';
import { Form } from '../ui/form';
import { FormErrors } from '../ui/form-errors';
import { Input } from '../ui/input';
import { ImageFactsFields } from './image-facts-fields';
import { emptyFacts, fetchForm, type FetchValues } from './image-form';
import { FormatSelect, useRuleTexts } from './upload-form';

/** Lets the server fetch an image by its address and SHA-256. */
export function FetchForm() {
  const t = useTranslations('images.new');
  const trpc = useTRPC();
  const router = useRouter();
  const [requestKey] = useState(newRequestKey);
  const form = useForm<FetchValues>({
    defaultValues: { ...emptyFacts, url: '', sha256: '' },
    resolver: zodResolver(fetchForm, { error: useRuleTexts() }) as never,
  });
  const fetching = useMutation(
    trpc.images.fetch.mutationOptions({
      onSuccess: ({ image }) => {
        toast.success(t('fetching'));
        router.push(`/images/${image.id}`);
      },
    }),
  );
  const { errors } = form.formState;
  const send = (values: FetchValues) => {
    const { projectId, visibility, ...rest } = values;
    const image = { ...rest, visibility, ...(visibility === 'project' && { projectId }) };
    fetching.mutate({ image, requestKey });
  };
  return (
    <Form form={form} className="flex max-w-3xl flex-col gap-6" onSubmit={send}>
      <Card title={t('file')}>
        <div className="flex flex-col gap-5">
          <Field label={t('url')} hint={t('urlHint')} error={errors.url?.message} required>
            <Input type="url" mono {...form.register('url')} autoComplete="off" placeholder="https://" />
          </Field>
          <Field label={t('checksum')} hint={t('checksumHint')} error={errors.sha256?.message} required>
            <Input mono {...form.register('sha256')} autoComplete="off" spellCheck={false} />
          </Field>
          <Field label={t('format')} hint={t('formatHint')} error={errors.format?.message} required>
            <FormatSelect {...form.register('format')} />
          </Field>
        </div>
      </Card>
      <Card title={t('facts')}>
        <div className="flex flex-col gap-5">
          <ImageFactsFields />
        </div>
      </Card>
      <FormErrors errors={errors} problem={fetching.error ? problemOf(fetching.error) : undefined} />
      <div>
        <Button type="submit" variant="primary" icon={<Link2 />} busy={fetching.isPending}>
          {t('fetchStart')}
        </Button>
      </div>
    </Form>
  );
}
