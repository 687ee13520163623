'use client';

import type { ReactNode } from 'react';
import { FormProvider, type FieldValues, type UseFormReturn } from 'react-hook-form';

/**
 * A form of react-hook-form; what is inside finds it by `useFormContext`. Its own rules speak the reader's language,
 * so the browser's are off; without script nothing of it goes into an address.
 */
export function Form<Values extends FieldValues, Context, Ready>({
  form,
  onSubmit,
  id,
  className = 'flex flex-col gap-5',
  children,
}: {
  form: UseFormReturn<Values, Context, Ready>;
  onSubmit: (values: Ready) => void;
  /** For a button outside of it. */
  id?: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    <FormProvider {...form}>
      <form
        id={id}
        method="post"
        noValidate
        className={className}
        onSubmit={(event) => void form.handleSubmit((values) => onSubmit(values))(event)}
      >
        {children}
      </form>
    </FormProvider>
  );
}
