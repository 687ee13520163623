'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Snowflake, SquarePower } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useId, useState } from 'react';
import { useForm, useFormContext } from 'react-hook-form';
import {
  captureInput,
  cleanItems,
  type CaptureDoctor,
  type CaptureInput,
} from '@/server/workbench/capture-schemas';
import type { VmView } from '@/server/workbench/model';
import { problemOf } from '../api/problem-of';
import { newRequestKey } from '../api/request-key';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { useByteSize } from '../ui/byte-size';
import { Checkbox } from '../ui/checkbox';
import { ChoiceField } from '../ui/choice-field';
import { Dialog } from '../ui/dialog';
import { Field } from '../ui/field';
import { Form } from '../ui/form';
import { FormErrors } from '../ui/form-errors';
import { Input } from '../ui/input';
import { KeyValueList } from '../ui/key-value';
import { Textarea } from '../ui/textarea';
import { CleanFields } from './clean-fields';

/**
 * How to capture, with what was found in the VM.
 *
 * @param doctor undefined while the guest is being looked at
 */
export function CaptureForm({
  vm,
  doctor,
  onOpenChange,
  onStarted,
}: {
  vm: VmView;
  doctor: CaptureDoctor | undefined;
  onOpenChange: (open: boolean) => void;
  onStarted: (jobId: string) => void;
}) {
  const t = useTranslations('images.capture');
  const tAll = useTranslations();
  const formId = useId();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [requestKey] = useState(newRequestKey);
  const form = useForm<CaptureInput>({
    defaultValues: {
      name: t('nameValue', { vm: vm.name }),
      description: '',
      mode: 'stop',
      clean: [...cleanItems],
      visibility: 'project',
      keep: false,
    },
    resolver: zodResolver(captureInput, { error: () => t('nameRule') }) as never,
  });
  const start = useMutation(
    trpc.images.capture.start.mutationOptions({
      onSuccess: (job) => onStarted(job.id),
      onSettled: () => queryClient.invalidateQueries(trpc.jobs.pathFilter()),
    }),
  );
  const gate = vm.gates.capture;
  const refusal = !gate.allowed
    ? tAll(gate.key, { name: vm.name })
    : doctor === undefined
      ? t('examining')
      : undefined;
  const { errors } = form.formState;
  return (
    <Dialog
      open
      onOpenChange={onOpenChange}
      title={t('title')}
      description={t('description', { vm: vm.name })}
      size="lg"
      footer={
        <Button
          type="submit"
          form={formId}
          variant="primary"
          busy={start.isPending}
          {...(refusal !== undefined && { disabledReason: refusal })}
        >
          {t('start')}
        </Button>
      }
    >
      <Form
        form={form}
        id={formId}
        className="flex flex-col gap-6"
        onSubmit={(capture) => start.mutate({ vmId: vm.id, capture, requestKey })}
      >
        <Field label={t('name')} error={errors.name?.message} required>
          <Input {...form.register('name')} autoComplete="off" />
        </Field>
        <Field label={t('descriptionLabel')} error={errors.description?.message} optional>
          <Textarea rows={2} {...form.register('description')} />
        </Field>
        <ModeField off={vm.state === 'stopped'} doctor={doctor} />
        <CleanFields vm={vm} doctor={doctor} />
        {doctor?.canKeep === true && (
          <Checkbox
            label={t('keep', { site: vm.siteName })}
            hint={t('keepText')}
            {...form.register('keep')}
          />
        )}
        {doctor && <Sizes doctor={doctor} />}
        <FormErrors errors={errors} problem={start.error ? problemOf(start.error) : undefined} />
      </Form>
    </Dialog>
  );
}

function ModeField({ off, doctor }: { off: boolean; doctor: CaptureDoctor | undefined }) {
  const t = useTranslations('images.capture');
  const { control } = useFormContext<CaptureInput>();
  return (
    <ChoiceField
      control={control}
      name="mode"
      label={t('mode')}
      columns={2}
      options={[
        {
          value: 'stop',
          title: off ? t('modeOff') : t('modeStop'),
          description: off ? t('modeOffText') : t('modeStopText'),
          icon: <SquarePower />,
        },
        {
          value: 'freeze',
          title: t('modeFreeze'),
          description: t(doctor?.agent === false ? 'modeFreezeNoAgent' : 'modeFreezeText'),
          icon: <Snowflake />,
          ...(off && { disabledReason: t('modeFreezeOff') }),
        },
      ]}
    />
  );
}

function Sizes({ doctor }: { doctor: CaptureDoctor }) {
  const t = useTranslations('images.capture');
  const size = useByteSize();
  return (
    <section aria-label={t('sizes')}>
      <KeyValueList
        columns={3}
        items={[
          { label: t('virtualSize'), value: size(doctor.virtualSize) },
          // Clouds do not tell it.
          ...(doctor.storedSize === null ? [] : [{ label: t('storedSize'), value: size(doctor.storedSize) }]),
          { label: t('usable'), value: size(doctor.usable) },
        ]}
      />
    </section>
  );
}
