'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { robotRights, type RegistryRole, type RobotView } from '@/server/registries/schemas';
import { useErrorText } from '../access/use-text';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { ChoiceField } from '../ui/choice-field';
import { CodeBlock } from '../ui/code-block';
import { Dialog } from '../ui/dialog';
import { Field } from '../ui/field';
import { FormErrors } from '../ui/form-errors';
import { Input } from '../ui/input';
import { Notice } from '../ui/notice';
import { Select } from '../ui/select';
import { Textarea } from '../ui/textarea';
import { robotForm, robotOf, type RobotForm } from './robot-form';

const formId = 'create-robot';
const lifetimes = [30, 90, 180, 365];

/**
 * Makes a login for a machine and shows its secret, this once.
 *
 * @param roles the rooms whose registry comes with Edgeyard: there are no such logins for others
 * @param address of that registry, as others name it
 * @param encrypted whether it speaks TLS
 */
export function CreateRobotDialog({
  roles,
  address,
  encrypted,
  onClose,
}: {
  roles: readonly RegistryRole[];
  address: string;
  encrypted: boolean;
  onClose: () => void;
}) {
  const t = useTranslations('adminRegistries.robots');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [made, setMade] = useState<RobotView & { secret: string }>();
  const create = useMutation(
    trpc.registries.robots.create.mutationOptions({
      onSuccess: async (robot) => {
        setMade(robot);
        await queries.invalidateQueries(trpc.registries.robots.pathFilter());
      },
    }),
  );
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={made ? t('made', { name: made.name }) : t('createTitle')}
      size="lg"
      // A stray click beside the dialog must not lose what is shown only once.
      locked={create.isPending || made !== undefined}
      footer={
        made ? (
          <Button variant="primary" onClick={onClose}>
            {t('done')}
          </Button>
        ) : (
          <Button type="submit" form={formId} variant="primary" busy={create.isPending}>
            {t('submit')}
          </Button>
        )
      }
    >
      {made ? (
        <NewRobot robot={made} address={address} encrypted={encrypted} />
      ) : (
        <RobotFields
          roles={roles}
          problem={create.error ? problemOf(create.error) : undefined}
          onSubmit={(values) => create.mutate(robotOf(values))}
        />
      )}
    </Dialog>
  );
}

function RobotFields({
  roles,
  problem,
  onSubmit,
}: {
  roles: readonly RegistryRole[];
  problem: ReturnType<typeof problemOf> | undefined;
  onSubmit: (values: RobotForm) => void;
}) {
  const t = useTranslations('adminRegistries.robots');
  const roleName = useTranslations('adminRegistries.roles');
  const text = useErrorText();
  const { register, control, handleSubmit, formState } = useForm<RobotForm>({
    resolver: zodResolver(robotForm),
    defaultValues: { name: '', role: roles[0] ?? 'workbench', right: 'pull', repositories: '*', days: '' },
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
      <Field label={t('name')} hint={t('nameHint')} required error={text(errors.name?.message)}>
        <Input mono autoComplete="off" spellCheck={false} {...register('name')} />
      </Field>
      <ChoiceField
        control={control}
        name="right"
        label={t('right')}
        columns={2}
        options={robotRights.map((value) => ({
          value,
          title: t(`rights.${value}`),
          description: t(`rightTexts.${value}`),
        }))}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t('role')}>
          <Select options={roles.map((value) => ({ value, label: roleName(value) }))} {...register('role')} />
        </Field>
        <Field label={t('days')}>
          <Select
            options={[
              { value: '', label: t('forever') },
              ...lifetimes.map((days) => ({ value: String(days), label: t('daysOption', { days }) })),
            ]}
            {...register('days')}
          />
        </Field>
      </div>
      <Field
        label={t('repositories')}
        hint={t('repositoriesHint')}
        required
        error={text(errors.repositories?.message)}
      >
        <Textarea mono rows={3} spellCheck={false} {...register('repositories')} />
      </Field>
      <FormErrors errors={{}} problem={problem} />
    </form>
  );
}

function NewRobot({
  robot,
  address,
  encrypted,
}: {
  robot: RobotView & { secret: string };
  address: string;
  encrypted: boolean;
}) {
  const t = useTranslations('adminRegistries.robots');
  // By standard input: a password in the command itself would be in the shell's history.
  const login = (program: string) => `${program} ${address} -u '${robot.user}' --password-stdin`;
  return (
    <div className="flex flex-col gap-4">
      <Notice tone="warning" title={t('shownOnce')} />
      <CodeBlock label={t('user')} text={robot.user} wrap />
      <CodeBlock label={t('secret')} text={robot.secret} wrap />
      <CodeBlock label={t('dockerLogin')} text={login('docker login')} wrap />
      <CodeBlock
        label={t('skopeoLogin')}
        text={login(encrypted ? 'skopeo login' : 'skopeo login --tls-verify=false')}
        wrap
      />
    </div>
  );
}
