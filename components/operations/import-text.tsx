'use client';

import { useTranslations } from 'next-intl';
import type { ReactNode, Ref } from 'react';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { DropZone } from '../ui/drop-zone';
import { Field } from '../ui/field';
import { Select } from '../ui/select';
import { Textarea } from '../ui/textarea';
import { importExamples, type ImportFormat } from './import-example';

/** The text of a file with edges: dropped, pasted or begun from an example. */
export function ImportText({
  ref,
  text,
  format,
  onText,
  onFormat,
  children,
}: {
  ref: Ref<HTMLTextAreaElement>;
  text: string;
  format: ImportFormat;
  onText: (text: string, fileName?: string) => void;
  onFormat: (format: ImportFormat) => void;
  /** The buttons. */
  children: ReactNode;
}) {
  const t = useTranslations('edgePages.import');
  const read = async (file: File | undefined) => {
    if (file) onText(await file.text(), file.name);
  };
  const show = (of: ImportFormat) => {
    onFormat(of);
    onText(importExamples[of], `example.${of}`);
  };
  return (
    <Card
      title={t('file')}
      actions={
        <>
          <Button size="sm" variant="ghost" onClick={() => show('yaml')}>
            {t('exampleYaml')}
          </Button>
          <Button size="sm" variant="ghost" onClick={() => show('csv')}>
            {t('exampleCsv')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-5">
        <DropZone
          compact
          label={t('drop')}
          accept=".yaml,.yml,.csv"
          multiple={false}
          onFiles={([file]) => void read(file)}
        />
        <Field label={t('content')} hint={t('contentHint')}>
          <Textarea
            ref={ref}
            mono
            rows={10}
            wrap="off"
            className="overflow-x-auto"
            value={text}
            onChange={({ target }) => onText(target.value)}
          />
        </Field>
        <div className="flex flex-wrap items-end justify-between gap-3">
          <Field label={t('format')} className="w-32">
            <Select
              value={format}
              options={[
                { value: 'yaml', label: 'YAML' },
                { value: 'csv', label: 'CSV' },
              ]}
              onChange={({ target }) => onFormat(target.value === 'csv' ? 'csv' : 'yaml')}
            />
          </Field>
          <div className="flex flex-wrap gap-3">{children}</div>
        </div>
      </div>
    </Card>
  );
}
