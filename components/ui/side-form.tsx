'use client';

import type { ReactNode } from 'react';
import type { FieldValues, UseFormReturn } from 'react-hook-form';
import { classNames } from './class-names';
import { Form } from './form';

const widths = {
  narrow: 'lg:grid-cols-[minmax(0,1fr)_22rem]',
  wide: 'lg:grid-cols-[minmax(0,1fr)_minmax(20rem,26rem)]',
};

/** A form with its cards on one side, and on the other what comes of them and the button; below them on a phone. */
export function SideForm<Values extends FieldValues, Context, Ready>({
  form,
  onSubmit,
  side,
  width,
  children,
}: {
  form: UseFormReturn<Values, Context, Ready>;
  onSubmit: (values: Ready) => void;
  side: ReactNode;
  width: keyof typeof widths;
  children: ReactNode;
}) {
  return (
    <Form form={form} onSubmit={onSubmit} className={classNames('grid items-start gap-6', widths[width])}>
      <div className="flex min-w-0 flex-col gap-6">{children}</div>
      <div className="flex min-w-0 flex-col gap-6 lg:sticky lg:top-20">{side}</div>
    </Form>
  );
}
