'use client';

import { useTranslations } from 'next-intl';
import { useState, type ComponentProps } from 'react';
import { Field } from '../ui/field';
import { Markdown } from '../ui/markdown';
import { Tabs } from '../ui/tabs';
import { Textarea } from '../ui/textarea';

/** Writes Markdown, and shows what becomes of it. */
export function ReadmeField({
  text,
  error,
  textarea,
}: {
  text: string;
  error: string | undefined;
  textarea: ComponentProps<typeof Textarea>;
}) {
  const t = useTranslations('workbench.form');
  const [tab, setTab] = useState('write');
  return (
    <Tabs
      label={t('readme')}
      value={tab}
      onValueChange={setTab}
      tabs={[
        {
          value: 'write',
          label: t('readmeWrite'),
          content: (
            <Field label={t('readme')} hint={t('readmeHint')} error={error}>
              <Textarea rows={12} mono {...textarea} />
            </Field>
          ),
        },
        {
          value: 'preview',
          label: t('readmePreview'),
          content:
            text.trim() === '' ? (
              <p className="text-text-muted py-6">{t('readmeEmpty')}</p>
            ) : (
              <Markdown text={text} />
            ),
        },
      ]}
    />
  );
}
