'use client';

import { FileCode2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useFormContext } from 'react-hook-form';
import type { GuestImage } from '@/server/sites/site';
import { Button } from '../ui/button';
import { DropdownMenu } from '../ui/dropdown-menu';
import { Field } from '../ui/field';
import { Notice } from '../ui/notice';
import { Textarea } from '../ui/textarea';
import type { CreateVmForm } from './create-form';
import { userDataSnippets } from './user-data-snippets';

/** Who may log in, and what the guest does at its first start. */
export function AccessFields({ image }: { image: GuestImage | undefined }) {
  const t = useTranslations('workbench.create');
  const { register, formState, setValue, getValues } = useFormContext<CreateVmForm>();
  const { errors } = formState;

  const insert = (text: string) => {
    const before = getValues('userData').trim();
    // Two documents in one are none: a snippet replaces an empty field and is put below anything else.
    setValue('userData', before === '' ? text : `${before}\n\n${text}`, {
      shouldDirty: true,
      shouldValidate: true,
    });
  };

  return (
    <div className="flex flex-col gap-5">
      {image && !image.cloudInit && (
        <Notice tone="warning" title={t('noSeed', { image: image.name })}>
          {t('noSeedText')}
        </Notice>
      )}
      <Field label={t('sshKeys')} hint={t('sshKeysHint')} error={errors.sshKeys?.message} optional>
        <Textarea
          rows={3}
          mono
          spellCheck={false}
          placeholder="ssh-ed25519 AAAA… you@example"
          {...register('sshKeys')}
        />
      </Field>
      <div className="flex flex-col gap-2">
        <Field label={t('userData')} hint={t('userDataHint')} error={errors.userData?.message} optional>
          <Textarea rows={8} mono spellCheck={false} {...register('userData')} />
        </Field>
        <div>
          <DropdownMenu
            align="start"
            trigger={
              <Button size="sm" icon={<FileCode2 />}>
                {t('insertSnippet')}
              </Button>
            }
            items={userDataSnippets.map(({ id, text }) => ({
              label: t(`snippets.${id}`),
              onSelect: () => insert(text),
            }))}
          />
        </div>
      </div>
    </div>
  );
}
