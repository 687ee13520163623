'use client';

import { CircleAlert } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { FieldErrors } from 'react-hook-form';
import type { ProblemReport } from '@/server/problem';
import { ErrorState } from './error-state';

/**
 * What keeps a form from being sent, just above its button: the server's Problem, and every field in error as a link
 * to it.
 *
 * @param labels the fields' labels by their name in the form (`disk.size`); a field without one shows its message alone
 * @param translate turns a rule's message into words, where the messages are keys
 */
export function FormErrors({
  errors,
  problem,
  labels = {},
  translate = (message) => message,
}: {
  errors: FieldErrors;
  problem?: ProblemReport | undefined;
  labels?: Record<string, string>;
  translate?: (message: string) => string;
}) {
  const t = useTranslations('ui');
  const found = flatten(errors);
  return (
    <div aria-live="polite" className="flex flex-col gap-3 empty:hidden">
      {problem !== undefined && <ErrorState problem={problem} compact />}
      {found.length > 0 && (
        <div className="border-danger-line bg-danger-soft flex gap-3 rounded-xl border p-3">
          <CircleAlert aria-hidden className="text-danger size-5 shrink-0" />
          <div>
            <p className="font-semibold">{t('formProblems', { count: found.length })}</p>
            <ul className="mt-1 space-y-0.5">
              {found.map((field) => (
                <li key={field.name}>
                  <button
                    type="button"
                    className="decoration-danger-line hover:decoration-danger min-h-6 rounded-sm text-left underline underline-offset-[0.2em]"
                    onClick={field.focus}
                  >
                    {labels[field.name] === undefined ? '' : `${labels[field.name]}: `}
                    {translate(field.message)}
                  </button>
                </li>
              ))}
            </ul>
          </div>
        </div>
      )}
    </div>
  );
}

interface FoundError {
  name: string;
  message: string;
  focus: () => void;
}

/** react-hook-form nests errors as the form's values are nested; a leaf is what has a message. */
function flatten(errors: object, prefix = ''): FoundError[] {
  return Object.entries(errors).flatMap(([key, value]: [string, unknown]): FoundError[] => {
    if (typeof value !== 'object' || value === null || key === 'ref') return [];
    const name = `${prefix}${key}`;
    if ('message' in value && typeof value.message === 'string') {
      return [{ name, message: value.message, focus: () => focusField(name, value) }];
    }
    return flatten(value, `${name}.`);
  });
}

function focusField(name: string, error: object): void {
  const ref: unknown = 'ref' in error ? error.ref : undefined;
  if (typeof ref === 'object' && ref !== null && 'focus' in ref && typeof ref.focus === 'function') {
    (ref as { focus: () => void }).focus();
    return;
  }
  document.querySelector<HTMLElement>(`[name="${CSS.escape(name)}"]`)?.focus();
}
