'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useForm } from 'react-hook-form';
import { toast } from 'sonner';
import { z } from 'zod';
import { changePasswordSchema, minPassword, userNameSchema } from '@/server/access/schemas';
import type { Role } from '@/server/access/actor';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { Field } from '../ui/field';
import { FormErrors } from '../ui/form-errors';
import { Input } from '../ui/input';
import { KeyValueList } from '../ui/key-value';
import { PasswordInput } from './password-input';
import { useErrorText } from './use-text';

const profileSchema = z.object({ name: userNameSchema });

/** One's own name, address and role. */
export function ProfileCard({ name, role }: { name: string; role: Role }) {
  const t = useTranslations('access');
  const text = useErrorText();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const me = useQuery(trpc.access.me.queryOptions());
  const { register, handleSubmit, formState, reset } = useForm({
    resolver: zodResolver(profileSchema),
    defaultValues: { name },
  });
  const rename = useMutation(
    trpc.access.rename.mutationOptions({
      onSuccess: async (user) => {
        toast.success(t('account.saved'));
        reset({ name: user.name });
        router.refresh(); // The menu with the name is drawn on the server.
        await queries.invalidateQueries(trpc.access.me.queryFilter());
      },
    }),
  );
  const submit = handleSubmit((values) => {
    rename.mutate(values);
  });
  return (
    <Card title={t('account.profile')}>
      <div className="flex flex-col gap-5">
        <KeyValueList
          items={[
            { label: t('fields.email'), value: me.data?.email },
            { label: t('fields.role'), value: t(`roles.${role}`) },
          ]}
        />
        <form
          method="post"
          noValidate
          className="flex max-w-md flex-col gap-4"
          onSubmit={(event) => void submit(event)}
        >
          <Field label={t('fields.name')} error={text(formState.errors.name?.message)}>
            <Input autoComplete="name" {...register('name')} />
          </Field>
          <FormErrors errors={{}} problem={rename.error ? problemOf(rename.error) : undefined} />
          <div>
            <Button type="submit" busy={rename.isPending}>
              {t('account.save')}
            </Button>
          </div>
        </form>
      </div>
    </Card>
  );
}

/** Changes one's password; other sessions end. */
export function PasswordCard({ hasPassword }: { hasPassword: boolean }) {
  const t = useTranslations('access');
  const text = useErrorText();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { register, handleSubmit, formState, reset } = useForm({
    resolver: zodResolver(changePasswordSchema),
    defaultValues: { current: '', next: '' },
  });
  const change = useMutation(
    trpc.access.changePassword.mutationOptions({
      onSuccess: async () => {
        toast.success(t('account.passwordChanged'));
        reset();
        await queries.invalidateQueries(trpc.access.sessions.queryFilter());
      },
    }),
  );
  const submit = handleSubmit((values) => {
    change.mutate(values);
  });
  const { errors } = formState;
  if (!hasPassword) {
    return (
      <Card title={t('account.password')}>
        <p className="text-text-muted">{t('account.noPassword')}</p>
      </Card>
    );
  }
  return (
    <Card title={t('account.password')} description={t('account.passwordDescription')}>
      <form
        method="post"
        noValidate
        className="flex max-w-md flex-col gap-4"
        onSubmit={(event) => void submit(event)}
      >
        <Field label={t('fields.currentPassword')} error={text(errors.current?.message)}>
          <PasswordInput autoComplete="current-password" {...register('current')} />
        </Field>
        <Field
          label={t('fields.newPassword')}
          hint={t('fields.passwordHint', { min: minPassword })}
          error={text(errors.next?.message)}
        >
          <PasswordInput autoComplete="new-password" {...register('next')} />
        </Field>
        <FormErrors errors={{}} problem={change.error ? problemOf(change.error) : undefined} />
        <div>
          <Button type="submit" busy={change.isPending}>
            {t('account.changePassword')}
          </Button>
        </div>
      </form>
    </Card>
  );
}
