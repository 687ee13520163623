'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useForm } from 'react-hook-form';
import { inviteSchema, userRoles, type Invite } from '@/server/access/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { ChoiceField } from '../ui/choice-field';
import { Dialog } from '../ui/dialog';
import { Field } from '../ui/field';
import { FormErrors } from '../ui/form-errors';
import { Input } from '../ui/input';
import type { ShownLink } from './password-link-dialog';
import { useErrorText } from './use-text';

const formId = 'invite-user';

/** Adds a user; what comes out is the one-time link for the password. */
export function InviteDialog({
  open,
  onOpenChange,
  onMade,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onMade: (link: ShownLink) => Promise<void>;
}) {
  const t = useTranslations('access');
  const text = useErrorText();
  const trpc = useTRPC();
  const { register, control, handleSubmit, formState, reset } = useForm<Invite>({
    resolver: zodResolver(inviteSchema),
    defaultValues: { name: '', email: '', role: 'developer' },
  });
  const invite = useMutation(
    trpc.access.invite.mutationOptions({
      onSuccess: async (link) => {
        onOpenChange(false);
        reset();
        await onMade(link);
      },
    }),
  );
  const submit = handleSubmit((values) => {
    invite.mutate({ ...values, baseUrl: window.location.origin });
  });
  const { errors } = formState;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      locked={invite.isPending}
      size="lg"
      title={t('users.inviteTitle')}
      description={t('users.inviteText')}
      footer={
        <Button type="submit" form={formId} variant="primary" busy={invite.isPending}>
          {t('users.inviteSubmit')}
        </Button>
      }
    >
      <form
        method="post"
        id={formId}
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => void submit(event)}
      >
        <Field label={t('fields.name')} error={text(errors.name?.message)}>
          <Input autoComplete="off" {...register('name')} />
        </Field>
        <Field label={t('fields.email')} error={text(errors.email?.message)}>
          <Input type="email" autoComplete="off" {...register('email')} />
        </Field>
        <ChoiceField
          control={control}
          name="role"
          label={t('fields.role')}
          columns={1}
          options={userRoles.map((role) => ({
            value: role,
            title: t(`roles.${role}`),
            description: t(`roleHints.${role}`),
          }))}
        />
        <FormErrors errors={{}} problem={invite.error ? problemOf(invite.error) : undefined} />
      </form>
    </Dialog>
  );
}
