import { useTranslations } from 'next-intl';
import { cloneElement, useId, type ReactElement, type ReactNode } from 'react';
import { CircleAlert } from 'lucide-react';
import { classNames } from './class-names';

/** What a field hands to its control; every input of this kit takes these. */
interface ControlProps {
  id?: string;
  'aria-describedby'?: string | undefined;
  'aria-invalid'?: boolean | undefined;
  /** Not the native `required`: the form's own rules speak the reader's language, the browser's may not. */
  'aria-required'?: boolean | undefined;
}

export interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  required?: boolean;
  /** Says "optional" beside the label, where most fields of a form are required. */
  optional?: boolean;
  /** Right of the label: a counter, a link. */
  aside?: ReactNode;
  className?: string;
  children: ReactElement<ControlProps>;
}

/** A label, its one control, a hint and the error, tied together for screen readers. */
export function Field({ label, hint, error, required, optional, aside, className, children }: FieldProps) {
  const t = useTranslations('ui');
  const ownId = useId();
  const id = children.props.id ?? ownId;
  const hintId = `${id}-hint`;
  const errorId = `${id}-error`;
  const describedBy = classNames(hint !== undefined && hintId, error !== undefined && errorId);
  return (
    <div className={classNames('flex min-w-0 flex-col gap-1.5', className)}>
      <div className="flex items-baseline justify-between gap-3">
        <label htmlFor={id} className="font-medium">
          {label}
          {required === true && (
            <span aria-hidden className="text-danger ml-0.5">
              *
            </span>
          )}
          {optional === true && (
            <span className="text-text-subtle ml-1.5 text-xs font-normal">{t('optional')}</span>
          )}
        </label>
        {aside !== undefined && <span className="text-text-muted text-xs">{aside}</span>}
      </div>
      {cloneElement(children, {
        id,
        'aria-describedby': describedBy === '' ? undefined : describedBy,
        'aria-invalid': error !== undefined || undefined,
        'aria-required': required === true || undefined,
      })}
      {hint !== undefined && (
        <div id={hintId} className="text-text-muted text-[0.8125rem] leading-snug">
          {hint}
        </div>
      )}
      {error !== undefined && <FieldError id={errorId} text={error} />}
    </div>
  );
}

/** Several controls under one question. */
export function Fieldset({
  legend,
  hint,
  error,
  children,
}: {
  legend: string;
  hint?: ReactNode;
  error?: string | undefined;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <fieldset className="flex min-w-0 flex-col gap-3" aria-describedby={error === undefined ? undefined : id}>
      <legend className="mb-2 font-semibold">{legend}</legend>
      {hint !== undefined && <div className="text-text-muted -mt-2 text-[0.8125rem]">{hint}</div>}
      {children}
      {error !== undefined && <FieldError id={id} text={error} />}
    </fieldset>
  );
}

/** The words of one field's error, below it. */
export function FieldError({ id, text }: { id: string; text: string }) {
  return (
    <p id={id} className="text-danger flex items-start gap-1.5 text-[0.8125rem] leading-snug">
      <CircleAlert aria-hidden className="mt-px size-4 shrink-0" />
      {text}
    </p>
  );
}
