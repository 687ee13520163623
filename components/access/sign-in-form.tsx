'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import type { ProblemReport } from '@/server/problem';
import { problemOf } from '../api/problem-of';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { FormErrors } from '../ui/form-errors';
import { Input } from '../ui/input';
import { callAuth } from './call-auth';
import { PasswordInput } from './password-input';
import { useErrorText } from './use-text';

const schema = z.object({
  email: z.string().trim().regex(z.regexes.email, 'access.errors.emailInvalid'),
  password: z.string().min(1, 'access.errors.passwordMissing'),
});
type Values = z.infer<typeof schema>;

/**
 * Signs in by password, or goes to the OpenID Connect provider.
 *
 * @param next path of this site to go to afterwards
 * @param oidcLabel words of the provider's button; undefined when there is none
 */
export function SignInForm({ next, oidcLabel }: { next: string; oidcLabel: string | undefined }) {
  const t = useTranslations('access');
  const text = useErrorText();
  const [problem, setProblem] = useState<ProblemReport>();
  const [leaving, setLeaving] = useState(false);
  const { register, handleSubmit, formState } = useForm<Values>({
    resolver: zodResolver(schema),
    defaultValues: { email: '', password: '' },
  });
  const { errors, isSubmitting } = formState;

  // A whole new page load afterwards: everything shown to the guest before is gone with the old page.
  const attempt = async (run: () => Promise<string>) => {
    setProblem(undefined);
    try {
      const target = await run();
      setLeaving(true);
      window.location.assign(target);
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  const signIn = handleSubmit((values) =>
    attempt(async () => {
      await callAuth('sign-in/email', values);
      return next;
    }),
  );
  const startOidc = () =>
    attempt(async () => z.object({ url: z.url() }).parse(await callAuth('oidc', { next })).url);

  return (
    <div className="flex flex-col gap-5">
      <form method="post" noValidate className="flex flex-col gap-4" onSubmit={(event) => void signIn(event)}>
        <Field label={t('fields.email')} error={text(errors.email?.message)}>
          <Input type="email" autoComplete="username" {...register('email')} />
        </Field>
        <Field label={t('fields.password')} error={text(errors.password?.message)}>
          <PasswordInput autoComplete="current-password" {...register('password')} />
        </Field>
        <FormErrors errors={{}} problem={problem} />
        <Button type="submit" variant="primary" size="lg" busy={isSubmitting || leaving}>
          {t('signIn.submit')}
        </Button>
      </form>
      {oidcLabel !== undefined && (
        <>
          <p className="text-text-muted text-center text-sm">{t('signIn.or')}</p>
          <Button size="lg" busy={leaving} onClick={() => void startOidc()}>
            {t('signIn.withOidc', { label: oidcLabel })}
          </Button>
        </>
      )}
    </div>
  );
}
