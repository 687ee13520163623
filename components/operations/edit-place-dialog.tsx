'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useTranslations } from 'next-intl';
import { useId } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import type { EdgeView } from '@/server/operations/edges/schemas';
import { useErrorText } from '../access/use-text';
import { problemOf } from '../api/problem-of';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Field } from '../ui/field';
import { Form } from '../ui/form';
import { FormErrors } from '../ui/form-errors';
import { Input } from '../ui/input';
import { Textarea } from '../ui/textarea';
import { PlacePicker } from './map/place-picker';
import { changeOf, placeForm, placeFormOf, type PlaceForm } from './place-form';
import { useUpdateEdge } from './use-update-edge';

/** Says where an edge stands, by typing or on the map, and how it is labelled. */
export function EditPlaceDialog({ edge, onClose }: { edge: EdgeView; onClose: () => void }) {
  const t = useTranslations('edgePages.place');
  const text = useErrorText();
  const formId = useId();
  const form = useForm<PlaceForm>({ resolver: zodResolver(placeForm), defaultValues: placeFormOf(edge) });
  const update = useUpdateEdge(onClose);
  const { errors } = form.formState;
  const values = useWatch({ control: form.control });
  const { place } = changeOf({ ...placeFormOf(edge), ...values });
  const pick = (picked: { latitude: number; longitude: number }) => {
    const options = { shouldDirty: true, shouldValidate: form.formState.isSubmitted };
    form.setValue('latitude', String(picked.latitude), options);
    form.setValue('longitude', String(picked.longitude), options);
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('editTitle', { name: edge.name })}
      size="lg"
      footer={
        <Button type="submit" form={formId} variant="primary" busy={update.isPending}>
          {t('save')}
        </Button>
      }
    >
      <Form
        form={form}
        id={formId}
        onSubmit={(ready) => update.mutate({ id: edge.id, edge: changeOf(ready) })}
      >
        <Field label={t('address')} hint={t('addressHint')} optional error={text(errors.address?.message)}>
          <Input autoComplete="off" {...form.register('address')} />
        </Field>
        <div className="h-56">
          <PlacePicker place={isOnEarth(place) ? place : undefined} onPick={pick} />
        </div>
        <div className="grid gap-5 sm:grid-cols-2">
          <Field
            label={t('latitude')}
            hint={t('latitudeHint')}
            optional
            error={text(errors.latitude?.message)}
          >
            <Input inputMode="decimal" autoComplete="off" {...form.register('latitude')} />
          </Field>
          <Field
            label={t('longitude')}
            hint={t('longitudeHint')}
            optional
            error={text(errors.longitude?.message)}
          >
            <Input inputMode="decimal" autoComplete="off" {...form.register('longitude')} />
          </Field>
        </div>
        <Field label={t('labels')} hint={t('labelsHint')} optional error={text(errors.labels?.message)}>
          <Textarea
            mono
            rows={4}
            spellCheck={false}
            placeholder={'region=north\ngpu'}
            {...form.register('labels')}
          />
        </Field>
        <FormErrors
          errors={errors}
          labels={{ latitude: t('latitude'), longitude: t('longitude'), labels: t('labels') }}
          translate={(message) => text(message) ?? message}
          problem={update.error ? problemOf(update.error) : undefined}
        />
      </Form>
    </Dialog>
  );
}

/** What is being typed may be no place yet. */
function isOnEarth<Where extends { latitude: number; longitude: number }>(
  place: Where | null | undefined,
): place is Where {
  return !!place && Math.abs(place.latitude) <= 90 && Math.abs(place.longitude) <= 180;
}
