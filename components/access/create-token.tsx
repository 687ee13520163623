'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import type { z } from 'zod';
import { scopes } from '@/server/access/actor';
import { createTokenSchema } from '@/server/access/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { Checkbox } from '../ui/checkbox';
import { CodeBlock } from '../ui/code-block';
import { Dialog } from '../ui/dialog';
import { Field, Fieldset } from '../ui/field';
import { FormErrors } from '../ui/form-errors';
import { Input } from '../ui/input';
import { Notice } from '../ui/notice';
import { Select } from '../ui/select';
import { useErrorText } from './use-text';

const formId = 'create-token';
const lifetimes = [7, 30, 90, 180, 365];

/**
 * Makes an API token and shows it, this once.
 *
 * @param isAdmin only administrators can give the scope of administration
 */
export function CreateTokenDialog({
  open,
  onOpenChange,
  isAdmin,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  isAdmin: boolean;
}) {
  const t = useTranslations('access.tokens');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [made, setMade] = useState<string>();
  const create = useMutation(
    trpc.access.createToken.mutationOptions({
      onSuccess: async ({ token }) => {
        setMade(token);
        await queries.invalidateQueries(trpc.access.tokens.queryFilter());
      },
    }),
  );
  const close = () => {
    onOpenChange(false);
    setMade(undefined);
    create.reset();
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!next) close();
      }}
      title={t('createTitle')}
      size="lg"
      // A stray click beside the dialog must not lose what is shown only once.
      locked={create.isPending || made !== undefined}
      footer={
        made === undefined ? (
          <Button type="submit" form={formId} variant="primary" busy={create.isPending}>
            {t('createSubmit')}
          </Button>
        ) : (
          <Button variant="primary" onClick={close}>
            {t('done')}
          </Button>
        )
      }
    >
      {made === undefined ? (
        <TokenForm
          isAdmin={isAdmin}
          problem={create.error ? problemOf(create.error) : undefined}
          onSubmit={(values) => {
            create.mutate(values);
          }}
        />
      ) : (
        <NewToken token={made} />
      )}
    </Dialog>
  );
}

type Values = z.infer<typeof createTokenSchema>;

function TokenForm({
  isAdmin,
  problem,
  onSubmit,
}: {
  isAdmin: boolean;
  problem: ReturnType<typeof problemOf> | undefined;
  onSubmit: (values: Values) => void;
}) {
  const t = useTranslations('access.tokens');
  const text = useErrorText();
  const { register, handleSubmit, formState } = useForm<Values>({
    resolver: zodResolver(createTokenSchema),
    defaultValues: { name: '', scopes: ['read'], days: 90 },
  });
  const { errors } = formState;
  return (
    <form
      method="post"
      id={formId}
      noValidate
      className="flex flex-col gap-5"
      onSubmit={(event) => void handleSubmit(onSubmit)(event)}
    >
      <Field label={t('name')} hint={t('nameHint')} error={text(errors.name?.message)}>
        <Input {...register('name')} />
      </Field>
      <Fieldset legend={t('scopes')} error={text(errors.scopes?.message)}>
        {scopes.map((scope) => (
          <Checkbox
            key={scope}
            value={scope}
            label={t(`scopeNames.${scope}`)}
            hint={t(`scopeHints.${scope}`)}
            disabledReason={scope === 'admin' && !isAdmin ? t('adminOnly') : undefined}
            {...register('scopes')}
          />
        ))}
      </Fieldset>
      <Field label={t('days')} error={text(errors.days?.message)}>
        <Select
          options={lifetimes.map((days) => ({ value: String(days), label: t('daysOption', { days }) }))}
          {...register('days', { valueAsNumber: true })}
        />
      </Field>
      <FormErrors errors={{}} problem={problem} />
    </form>
  );
}

function NewToken({ token }: { token: string }) {
  const t = useTranslations('access.tokens');
  const curl = `curl -H 'Authorization: Bearer ${token}' ${window.location.origin}/api/v1/me`;
  return (
    <div className="flex flex-col gap-4">
      <Notice tone="warning" title={t('shownOnce')} />
      <CodeBlock label={t('token')} text={token} wrap />
      <CodeBlock label={t('asCurl')} text={curl} wrap />
    </div>
  );
}
