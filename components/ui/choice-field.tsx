'use client';

import type { ComponentProps } from 'react';
import { useController, type Control, type FieldPathByValue, type FieldValues } from 'react-hook-form';
import { RadioCards } from './radio-cards';

/** `RadioCards` as a field of a form of react-hook-form. */
export function ChoiceField<Form extends FieldValues>({
  control,
  name,
  ...cards
}: {
  control: Control<Form>;
  name: FieldPathByValue<Form, string | undefined>;
} & Omit<ComponentProps<typeof RadioCards>, 'name' | 'value' | 'onValueChange'>) {
  const { field } = useController({ control, name });
  return <RadioCards {...cards} name={field.name} value={field.value} onValueChange={field.onChange} />;
}
