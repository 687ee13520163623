'use client';

import { Check } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import { classNames } from './class-names';
import { FieldError } from './field';

export interface RadioCardOption {
  value: string;
  title: string;
  description?: ReactNode;
  icon?: ReactNode;
  /** Figures at the foot: sizes, prices, how much is left. */
  meta?: ReactNode;
  /** Why it cannot be chosen, told in the card. */
  disabledReason?: string | undefined;
}

const columnsOf = {
  1: '',
  2: 'sm:grid-cols-2',
  3: 'sm:grid-cols-2 xl:grid-cols-3',
  4: 'grid-cols-2 xl:grid-cols-4',
};

/** One of a few, each with room to say what it is. Arrow keys move the choice. */
export function RadioCards({
  label,
  hideLabel = false,
  value,
  onValueChange,
  options,
  columns = 3,
  error,
  name,
}: {
  label: string;
  hideLabel?: boolean;
  value: string | undefined;
  onValueChange: (value: string) => void;
  options: RadioCardOption[];
  columns?: keyof typeof columnsOf;
  error?: string | undefined;
  name?: string;
}) {
  const id = useId();
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <span id={id} className={hideLabel ? 'sr-only' : 'font-medium'}>
        {label}
      </span>
      <div
        role="radiogroup"
        aria-labelledby={id}
        aria-describedby={error === undefined ? undefined : `${id}-error`}
        className={classNames('grid gap-3', columnsOf[columns])}
      >
        {options.map((option) => (
          <Choice
            key={option.value}
            option={option}
            name={name ?? id}
            checked={option.value === value}
            onChoose={() => onValueChange(option.value)}
          />
        ))}
      </div>
      {error !== undefined && <FieldError id={`${id}-error`} text={error} />}
    </div>
  );
}

function Choice({
  option,
  name,
  checked,
  onChoose,
}: {
  option: RadioCardOption;
  name: string;
  checked: boolean;
  onChoose: () => void;
}) {
  const id = useId();
  const refused = option.disabledReason !== undefined;
  const below = option.disabledReason ?? option.description;
  return (
    <label
      className={classNames(
        'has-focus-visible:outline-focus relative flex min-w-0 flex-col items-start gap-1 rounded-lg border p-4 transition-[border-color,background-color,box-shadow] has-focus-visible:outline-2 has-focus-visible:outline-offset-2',
        checked && 'border-accent bg-accent-soft/50 ring-accent ring-1',
        !checked && refused && 'border-border bg-surface-sunken cursor-not-allowed border-dashed',
        !checked &&
          !refused &&
          'border-border-strong/50 bg-surface shadow-card hover:border-border-strong cursor-pointer',
      )}
    >
      {/* The browser's own radio: arrow keys, forms and screen readers know it. */}
      <input
        type="radio"
        name={name}
        value={option.value}
        checked={checked}
        disabled={refused}
        onChange={onChoose}
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-text`}
        className={classNames(
          'absolute top-3.5 right-3.5 size-5 cursor-[inherit] appearance-none rounded-full border outline-none',
          checked ? 'border-accent bg-accent' : refused ? 'border-border' : 'border-border-strong',
        )}
      />
      <span className="flex w-full items-center gap-2.5 pr-6">
        {option.icon !== undefined && (
          <span
            aria-hidden
            className={classNames('[&_svg]:size-5', refused ? 'text-text-subtle' : 'text-accent')}
          >
            {option.icon}
          </span>
        )}
        <span
          id={`${id}-title`}
          className={classNames('min-w-0 font-semibold break-words', refused && 'text-text-muted')}
        >
          {option.title}
        </span>
      </span>
      <span id={`${id}-text`} className="flex w-full flex-col gap-1">
        {below !== undefined && (
          <span
            className={classNames(
              'text-[0.8125rem] leading-snug text-pretty',
              refused ? 'text-warning' : 'text-text-muted',
            )}
          >
            {below}
          </span>
        )}
        {option.meta !== undefined && (
          <span className="tabular text-[0.8125rem] font-medium">{option.meta}</span>
        )}
      </span>
      {checked && (
        <span
          aria-hidden
          className="text-accent-contrast pointer-events-none absolute top-3.5 right-3.5 grid size-5 place-items-center"
        >
          <Check className="size-3.5" strokeWidth={3} />
        </span>
      )}
    </label>
  );
}
