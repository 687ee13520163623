'use client';

import type { ComponentProps } from 'react';
import { DropZone } from './drop-zone';
import { Field } from './field';
import { Textarea } from './textarea';

/** A field for certificates as text; with `drop` a file may be dropped below it, whose text `onText` is given. */
export function PemField({
  label,
  hint,
  error,
  drop,
  rows = 4,
  ...rest
}: {
  label: string;
  hint: string;
  error?: string | undefined;
  drop?: { label: string; onText: (text: string) => void };
} & Omit<ComponentProps<typeof Textarea>, 'mono'>) {
  const field = (
    <Field label={label} hint={hint} optional error={error}>
      <Textarea mono rows={rows} spellCheck={false} placeholder="-----BEGIN CERTIFICATE-----" {...rest} />
    </Field>
  );
  if (!drop) return field;
  const take = async (file: File | undefined) => {
    if (file) drop.onText(await file.text());
  };
  return (
    <div className="flex flex-col gap-4">
      {field}
      <DropZone
        compact
        label={drop.label}
        accept=".pem,.crt,.cer"
        multiple={false}
        onFiles={([file]) => void take(file)}
      />
    </div>
  );
}
