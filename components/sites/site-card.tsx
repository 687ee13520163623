'use client';

import { useTranslations } from 'next-intl';
import { useFormContext } from 'react-hook-form';
import { sitePurposes } from '@/server/sites/schemas';
import { Card } from '../ui/card';
import { ChoiceField } from '../ui/choice-field';
import { Field } from '../ui/field';
import { Input } from '../ui/input';

type Purpose = (typeof sitePurposes)[number];

/** What every site's form begins with: its name, and what it is for. */
export function SiteCard({
  nameHint,
  nameError,
  purposeText,
}: {
  nameHint: string;
  nameError: string | undefined;
  /** What such a site of this kind is used for. */
  purposeText: (purpose: Purpose) => string;
}) {
  const t = useTranslations('adminSites.form');
  const { register, control } = useFormContext<{ name: string; purpose: Purpose }>();
  return (
    <Card title={t('site')}>
      <div className="flex flex-col gap-5">
        <Field label={t('name')} hint={nameHint} required error={nameError}>
          <Input autoComplete="off" {...register('name')} />
        </Field>
        <ChoiceField
          control={control}
          name="purpose"
          label={t('purpose')}
          columns={2}
          options={sitePurposes.map((value) => ({
            value,
            title: t(`purposes.${value}`),
            description: purposeText(value),
          }))}
        />
      </div>
    </Card>
  );
}
