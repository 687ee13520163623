'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useQuery } from '@tanstack/react-query';
import { FileUp } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { useForm, useFormContext, useWatch } from 'react-hook-form';
import type { PreviousUpload } from 'tus-js-client';
import type { z } from 'zod';
import { incomingFormats } from '@/server/images/schemas';
import { useTRPC } from '../api/trpc-provider';
import { unfinishedOf } from '../api/tus-upload';
import { useTextOf } from '../i18n/use-text-of';
import { Button } from '../ui/button';
import { useByteSize } from '../ui/byte-size';
import { Card } from '../ui/card';
import { DropZone } from '../ui/drop-zone';
import { Field } from '../ui/field';
import { Form } from '../ui/form';
import { FormErrors } from '../ui/form-errors';
import { Input } from '../ui/input';
import { Notice } from '../ui/notice';
import { Select } from '../ui/select';
import { ImageFactsFields } from './image-facts-fields';
import { emptyFacts, guessFrom, uploadForm, type UploadValues } from './image-form';
import { UploadProgress } from './upload-progress';
import { previousOf, useImageUpload } from './use-image-upload';

/** Sends a disk image of one's own, resumably. */
export function UploadForm() {
  const t = useTranslations('images.new');
  const upload = useImageUpload();
  const [file, setFile] = useState<File>();
  const [previous, setPrevious] = useState<readonly PreviousUpload[]>([]);
  const form = useForm<UploadValues>({
    defaultValues: { ...emptyFacts, checksum: '' },
    resolver: zodResolver(uploadForm, { error: useRuleTexts() }) as never,
  });
  const choose = async (chosen: File) => {
    setFile(chosen);
    const guess = await guessFrom(chosen);
    form.setValue('format', guess.format);
    if (form.getValues('name').trim() === '') form.setValue('name', guess.name);
    setPrevious(await previousOf(chosen));
  };

  if (upload.state.phase !== 'idle' && file) return <UploadProgress file={file} upload={upload} />;
  const { errors } = form.formState;
  return (
    <Form
      form={form}
      className="flex max-w-3xl flex-col gap-6"
      onSubmit={(values) => {
        if (file) upload.start(file, metadataOf(file, values));
      }}
    >
      <Card title={t('file')}>
        <div className="flex flex-col gap-5">
          <FileChoice file={file} onFile={(chosen) => void choose(chosen)} />
          {file && previous.length > 0 && <Resumes file={file} previous={previous} />}
          <Field label={t('format')} hint={t('formatHint')} error={errors.format?.message} required>
            <FormatSelect {...form.register('format')} />
          </Field>
          <Field label={t('checksum')} hint={t('checksumHint')} error={errors.checksum?.message} optional>
            <Input mono {...form.register('checksum')} autoComplete="off" spellCheck={false} />
          </Field>
        </div>
      </Card>
      <Card title={t('facts')}>
        <div className="flex flex-col gap-5">
          <ImageFactsFields />
        </div>
      </Card>
      <FormErrors errors={errors} />
      <div>
        <Button
          type="submit"
          variant="primary"
          icon={<FileUp />}
          {...(file ? {} : { disabledReason: t('drop') })}
        >
          {t('start')}
        </Button>
      </div>
    </Form>
  );
}

/** Says that the upload goes on, while what is typed is what an earlier one was begun with. */
function Resumes({ file, previous }: { file: File; previous: readonly PreviousUpload[] }) {
  const t = useTranslations('images.new');
  const { control } = useFormContext<UploadValues>();
  const typed = useWatch({ control, compute: (values) => values });
  return unfinishedOf(previous, metadataOf(file, typed)) && <Notice tone="info">{t('resumes')}</Notice>;
}

function FileChoice({ file, onFile }: { file: File | undefined; onFile: (file: File) => void }) {
  const t = useTranslations('images.new');
  const size = useByteSize();
  const trpc = useTRPC();
  const space = useQuery(trpc.images.space.queryOptions());
  const limit = space.data?.largestUpload;
  return (
    <DropZone
      label={file ? t('chosen', { name: file.name, size: size(file.size) }) : t('drop')}
      hint={file ? t('another') : limit !== undefined && t('dropHint', { limit: size(limit) })}
      multiple={false}
      onFiles={([chosen]) => {
        if (chosen) onFile(chosen);
      }}
      {...(limit === 0 && { disabledReason: t('noSpace') })}
    />
  );
}

/** The formats that are taken in, in words. */
export function FormatSelect(props: Omit<Parameters<typeof Select>[0], 'options'>) {
  const t = useTranslations('images.formats');
  return <Select {...props} options={incomingFormats.map((value) => ({ value, label: t(value) }))} />;
}

/** Says what is wrong with a field, in the reader's language. */
export function useRuleTexts(): (issue: z.core.$ZodRawIssue) => string {
  const t = useTranslations('images.new.rules');
  const textOf = useTextOf('images.new.rules');
  return (issue) => textOf(String(issue.path?.[0])) ?? t('other');
}

function metadataOf(file: File, values: UploadValues): Record<string, string> {
  const { cloudInit, projectId, visibility, ...texts } = values;
  const given = {
    ...texts,
    visibility,
    projectId: visibility === 'project' ? projectId : '',
    filename: file.name,
    cloudInit: String(cloudInit),
  };
  return Object.fromEntries(Object.entries(given).flatMap(([key, value]) => (value ? [[key, value]] : [])));
}
