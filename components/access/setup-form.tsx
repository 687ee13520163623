'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import type { z } from 'zod';
import { acceptLinkSchema, minPassword, setupSchema } from '@/server/access/schemas';
import type { ProblemReport } from '@/server/problem';
import { problemOf } from '../api/problem-of';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { FormErrors } from '../ui/form-errors';
import { Input } from '../ui/input';
import { callAuth } from './call-auth';
import { PasswordInput } from './password-input';
import { useErrorText } from './use-text';

/** Creates the administrator by the one-time link's token, and is then signed in. */
export function AdministratorForm({ token }: { token: string }) {
  const t = useTranslations('access');
  const text = useErrorText();
  const send = useDoor('setup');
  const { register, handleSubmit, formState } = useForm<z.input<typeof setupSchema>, unknown, object>({
    resolver: zodResolver(setupSchema),
    defaultValues: { token, name: '', email: '', password: '' },
  });
  const { errors, isSubmitting } = formState;
  return (
    <form
      method="post"
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => void handleSubmit((values) => send.run(values))(event)}
    >
      <Field label={t('fields.name')} error={text(errors.name?.message)}>
        <Input autoComplete="name" {...register('name')} />
      </Field>
      <Field label={t('fields.email')} error={text(errors.email?.message)}>
        <Input type="email" autoComplete="username" {...register('email')} />
      </Field>
      <Field
        label={t('fields.password')}
        hint={t('fields.passwordHint', { min: minPassword })}
        error={text(errors.password?.message)}
      >
        <PasswordInput autoComplete="new-password" {...register('password')} />
      </Field>
      <FormErrors errors={{}} problem={send.problem} />
      <Button type="submit" variant="primary" size="lg" busy={isSubmitting || send.leaving}>
        {t('setup.adminSubmit')}
      </Button>
    </form>
  );
}

/** Sets an invited user's password by the one-time link's token, and is then signed in. */
export function PasswordForm({ token, email }: { token: string; email: string }) {
  const t = useTranslations('access');
  const text = useErrorText();
  const send = useDoor('password');
  const { register, handleSubmit, formState } = useForm<z.input<typeof acceptLinkSchema>>({
    resolver: zodResolver(acceptLinkSchema),
    defaultValues: { token, password: '' },
  });
  const { errors, isSubmitting } = formState;
  return (
    <form
      method="post"
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => void handleSubmit((values) => send.run(values))(event)}
    >
      {/* Password managers file the new password under this name. */}
      <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
      <Field
        label={t('fields.newPassword')}
        hint={t('fields.passwordHint', { min: minPassword })}
        error={text(errors.password?.message)}
      >
        <PasswordInput autoComplete="new-password" {...register('password')} />
      </Field>
      <FormErrors errors={{}} problem={send.problem} />
      <Button type="submit" variant="primary" size="lg" busy={isSubmitting || send.leaving}>
        {t('setup.passwordSubmit')}
      </Button>
    </form>
  );
}

/** Sends a form to a door and leaves for the start page, by a whole new page load. */
function useDoor(door: 'setup' | 'password') {
  const [problem, setProblem] = useState<ProblemReport>();
  const [leaving, setLeaving] = useState(false);
  const run = async (values: object) => {
    setProblem(undefined);
    try {
      await callAuth(door, values);
      setLeaving(true);
      window.location.assign('/');
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return { run, problem, leaving };
}
