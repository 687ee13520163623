'use client';

import { Plus, Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useFieldArray, useFormContext, useWatch } from 'react-hook-form';
import { useErrorText } from '../access/use-text';
import { Button } from '../ui/button';
import { Checkbox } from '../ui/checkbox';
import { Field } from '../ui/field';
import { IconButton } from '../ui/icon-button';
import { Input } from '../ui/input';
import { Select } from '../ui/select';
import { emptyRule, intervals, type StoreForm } from './store-form';
import { useScheduleWords } from './store-words';

/** How many rules a store can have. */
const mostRules = 50;

/** What is synced by itself, and how often the catalogue is read. */
export function StorePlans() {
  const t = useTranslations('syncPages.form');
  const { control } = useFormContext<StoreForm>();
  const rules = useFieldArray({ control, name: 'rules' });
  return (
    <div className="flex flex-col gap-5">
      <Schedule />
      <div className="flex flex-col gap-3">
        <h3 className="font-medium">{t('rules')}</h3>
        {rules.fields.length === 0 ? (
          <p className="text-text-muted text-[0.8125rem]">{t('noRules')}</p>
        ) : (
          <ol className="flex flex-col gap-3">
            {rules.fields.map((field, index) => (
              <Rule key={field.id} index={index} onRemove={() => rules.remove(index)} />
            ))}
          </ol>
        )}
        <div>
          <Button
            size="sm"
            icon={<Plus />}
            disabledReason={
              rules.fields.length < mostRules ? undefined : t('mostRules', { count: mostRules })
            }
            onClick={() => rules.append(emptyRule)}
          >
            {t('addRule')}
          </Button>
        </div>
      </div>
    </div>
  );
}

function Schedule() {
  const t = useTranslations('syncPages.form');
  const words = useScheduleWords();
  const { register, control } = useFormContext<StoreForm>();
  const chosen = useWatch({ control, name: 'everyMinutes' });
  // What was set by the API may be any number of minutes.
  const choices: string[] = intervals.some((each) => each === chosen)
    ? [...intervals]
    : [...intervals, chosen];
  return (
    <Field label={t('everyMinutes')} hint={t('everyMinutesHint')} className="max-w-sm">
      <Select
        options={choices.map((value) => ({
          value,
          label: words(value === '' ? null : Number(value)),
        }))}
        {...register('everyMinutes')}
      />
    </Field>
  );
}

function Rule({ index, onRemove }: { index: number; onRemove: () => void }) {
  const t = useTranslations('syncPages.form');
  const text = useErrorText();
  const { register, formState } = useFormContext<StoreForm>();
  const errors = formState.errors.rules?.[index];
  return (
    <li className="border-border bg-surface-sunken/50 flex flex-col gap-3 rounded-lg border p-3">
      <div className="grid gap-3 sm:grid-cols-[1fr_1fr_10rem_auto] sm:items-end">
        <Field label={t('ruleProvider')} error={text(errors?.provider?.message)}>
          <Input autoComplete="off" placeholder="*" {...register(`rules.${index}.provider`)} />
        </Field>
        <Field label={t('ruleName')} error={text(errors?.name?.message)}>
          <Input autoComplete="off" placeholder="*" {...register(`rules.${index}.name`)} />
        </Field>
        <Field label={t('ruleKind')}>
          <Select
            options={(['', 'vm', 'container'] as const).map((value) => ({
              value,
              label: t(`ruleKinds.${value === '' ? 'any' : value}`),
            }))}
            {...register(`rules.${index}.kind`)}
          />
        </Field>
        <IconButton
          variant="danger"
          label={t('removeRule', { index: index + 1 })}
          icon={<Trash2 />}
          onClick={onRemove}
        />
      </div>
      <Checkbox label={t('newestOnly')} {...register(`rules.${index}.newestOnly`)} />
    </li>
  );
}
