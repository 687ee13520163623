'use client';

import type { ReactNode } from 'react';
import { FormProvider, type FieldValues, type UseFormReturn } from 'react-hook-form';
import { classNames } from './class-names';

const widths = {
  narrow: 'lg:grid-cols-[minmax(0,1fr)_22rem]',
  wide: 'lg:grid-cols-[minmax(0,1fr)_minmax(20rem,26rem)]',
};

/** A form with its cards on one side, and on the other what comes of them and the button; below them on a phone. */
export function SideForm<Form extends FieldValues>({
  form,
  onSubmit,
  side,
  width,
  children,
}: {
  form: UseFormReturn<Form>;
  onSubmit: (values: Form) => void;
  side: ReactNode;
  width: keyof typeof widths;
  children: ReactNode;
}) {
  return (
    <FormProvider {...form}>
      <form
        method="post"
        noValidate
        className={classNames('grid items-start gap-6', widths[width])}
        onSubmit={(event) => void form.handleSubmit(onSubmit)(event)}
      >
        <div className="flex min-w-0 flex-col gap-6">{children}</div>
        <div className="flex min-w-0 flex-col gap-6 lg:sticky lg:top-20">{side}</div>
      </form>
    </FormProvider>
  );
}
