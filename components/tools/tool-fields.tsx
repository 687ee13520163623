'use client';

import { Plus, Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useFieldArray, useFormContext, type FieldError } from 'react-hook-form';
import type { ToolInput } from '@/server/workbench/guest/schemas';
import { Button } from '../ui/button';
import { Checkbox } from '../ui/checkbox';
import { Field, Fieldset } from '../ui/field';
import { Input } from '../ui/input';
import { Textarea } from '../ui/textarea';

/** The fields of a tool, inside its form. */
export function ToolFields({ readOnly }: { readOnly: boolean }) {
  const t = useTranslations('tools.form');
  const { register, formState } = useFormContext<ToolInput>();
  const { errors } = formState;
  const errorOf = useErrorText();
  const locked = { readOnly };
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t('nameEn')} required {...errorOf(errors.nameEn)}>
          <Input {...locked} {...register('nameEn')} />
        </Field>
        <Field label={t('nameZh')} required {...errorOf(errors.nameZh)}>
          <Input {...locked} lang="zh-CN" {...register('nameZh')} />
        </Field>
        <Field label={t('descriptionEn')} optional {...errorOf(errors.descriptionEn)}>
          <Textarea rows={2} {...locked} {...register('descriptionEn')} />
        </Field>
        <Field label={t('descriptionZh')} optional {...errorOf(errors.descriptionZh)}>
          <Textarea rows={2} {...locked} lang="zh-CN" {...register('descriptionZh')} />
        </Field>
        <Field label={t('version')} required {...errorOf(errors.version)}>
          <Input {...locked} {...register('version')} />
        </Field>
        <Field label={t('timeout')} required {...(errors.timeoutSeconds && { error: t('invalid.timeout') })}>
          <Input
            type="number"
            min={5}
            max={7200}
            {...locked}
            {...register('timeoutSeconds', { valueAsNumber: true })}
          />
        </Field>
      </div>
      <Field label={t('script')} hint={t('scriptHint')} required {...errorOf(errors.script)}>
        <Textarea mono rows={10} spellCheck={false} {...locked} {...register('script')} />
      </Field>
      <ToolFiles readOnly={readOnly} />
      <Field label={t('checkCommand')} hint={t('checkHint')} required {...errorOf(errors.checkCommand)}>
        <Input mono {...locked} {...register('checkCommand')} />
      </Field>
      {/* A check box cannot be read-only; a fieldset can be switched off. */}
      <fieldset disabled={readOnly} className="space-y-3">
        <Checkbox label={t('needsAgent')} {...register('needsAgent')} />
        <Checkbox label={t('givesIdentity')} {...register('givesIdentity')} />
      </fieldset>
    </>
  );
}

function ToolFiles({ readOnly }: { readOnly: boolean }) {
  const t = useTranslations('tools.form');
  const { control, register, formState } = useFormContext<ToolInput>();
  const { fields, append, remove } = useFieldArray({ control, name: 'files' });
  const errorOf = useErrorText();
  return (
    <Fieldset legend={t('files')} hint={t('filesHint')}>
      <div className="space-y-3">
        {fields.map((field, index) => {
          const errors = formState.errors.files?.[index];
          return (
            <div key={field.id} className="border-border space-y-3 rounded-lg border p-3">
              <Field label={t('fileName')} required {...(errors?.name && { error: t('invalid.fileName') })}>
                <Input mono readOnly={readOnly} {...register(`files.${index}.name`)} />
              </Field>
              <Field label={t('fileContent')} {...errorOf(errors?.content)}>
                <Textarea
                  mono
                  rows={4}
                  spellCheck={false}
                  readOnly={readOnly}
                  {...register(`files.${index}.content`)}
                />
              </Field>
              {!readOnly && (
                <Button size="sm" variant="ghost" icon={<Trash2 />} onClick={() => remove(index)}>
                  {t('removeFile')}
                </Button>
              )}
            </div>
          );
        })}
        {!readOnly && (
          <Button size="sm" icon={<Plus />} onClick={() => append({ name: '', content: '' })}>
            {t('addFile')}
          </Button>
        )}
      </div>
    </Fieldset>
  );
}

function useErrorText(): (error: FieldError | undefined) => { error?: string } {
  const t = useTranslations('tools.form.invalid');
  return (error) =>
    error === undefined ? {} : { error: t(error.type === 'too_big' ? 'tooLong' : 'required') };
}
