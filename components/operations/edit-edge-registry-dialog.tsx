'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useTranslations } from 'next-intl';
import { useId, useState } from 'react';
import { useForm } from 'react-hook-form';
import type { EdgeView, UpdateEdge } from '@/server/operations/edges/schemas';
import { useErrorText } from '../access/use-text';
import { problemOf } from '../api/problem-of';
import { PlaceFields, RegistryLoginFields, RegistryTrustFields } from '../registries/registry-fields';
import { formOf, registryForm, settingOf, type RegistryForm } from '../registries/registry-form';
import { Button } from '../ui/button';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Dialog } from '../ui/dialog';
import { Form } from '../ui/form';
import { FormErrors } from '../ui/form-errors';
import { useUpdateEdge } from './use-update-edge';

/** Sets the registry that an edge pulls from, or takes it away. */
export function EditEdgeRegistryDialog({ edge, onClose }: { edge: EdgeView; onClose: () => void }) {
  const t = useTranslations('edgePages.registry');
  const fields = useTranslations('adminRegistries.edit');
  const text = useErrorText();
  const formId = useId();
  const [leaving, setLeaving] = useState(false);
  const form = useForm<RegistryForm>({ resolver: zodResolver(registryForm), defaultValues: valuesOf(edge) });
  const update = useUpdateEdge(onClose);
  const { errors } = form.formState;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('editTitle', { name: edge.name })}
      description={t('editText')}
      size="lg"
      footer={
        <>
          {edge.registry && (
            <Button variant="danger" onClick={() => setLeaving(true)}>
              {t('remove')}
            </Button>
          )}
          <Button type="submit" form={formId} variant="primary" busy={update.isPending}>
            {t('save')}
          </Button>
        </>
      }
    >
      <Form
        form={form}
        id={formId}
        className="flex flex-col gap-6"
        onSubmit={(values) => update.mutate({ id: edge.id, edge: { registry: registryOf(values) } })}
      >
        <PlaceFields />
        <RegistryLoginFields />
        <RegistryTrustFields />
        <FormErrors
          errors={errors}
          labels={Object.fromEntries(
            (['url', 'prefix', 'user', 'password', 'pullUser', 'pullPassword', 'ca'] as const).map((name) => [
              name,
              fields(name),
            ]),
          )}
          translate={(message) => text(message) ?? message}
          problem={update.error ? problemOf(update.error) : undefined}
        />
      </Form>

      {leaving && (
        <ConfirmDialog
          open
          onOpenChange={setLeaving}
          title={t('removeTitle', { name: edge.name })}
          confirmLabel={t('remove')}
          problemOf={problemOf}
          onConfirm={async () => {
            await update.mutateAsync({ id: edge.id, edge: { registry: null } });
          }}
        >
          {t('removeText')}
        </ConfirmDialog>
      )}
    </Dialog>
  );
}

function valuesOf({ registry }: EdgeView): RegistryForm {
  return {
    ...formOf({
      kind: 'external',
      config: registry ?? undefined,
      hasSecret: registry?.hasPassword === true,
    }),
    // Without a registry nobody signs in yet: most people will.
    ...(registry === null && { login: 'password' as const }),
    ...(registry?.hasPullPassword === false && { storedPull: null }),
  };
}

/** The form of a room's registry says the same in other words. */
function registryOf(values: RegistryForm): UpdateEdge['registry'] {
  const setting = settingOf({ ...values, kind: 'external' });
  if (setting.kind !== 'external') return undefined;
  const { config, password, pullPassword } = setting;
  return {
    ...config,
    prefix: config.prefix ?? '',
    ...(password !== undefined && { password }),
    ...(pullPassword !== undefined && { pullPassword }),
  };
}
