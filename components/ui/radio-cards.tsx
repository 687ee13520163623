'use client';

import { Check } from 'lucide-react';
import { RadioGroup } from 'radix-ui';
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
      <RadioGroup.Root
        value={value ?? ''}
        onValueChange={onValueChange}
        aria-labelledby={id}
        aria-describedby={error === undefined ? undefined : `${id}-error`}
        {...(name !== undefined && { name })}
        className={classNames('grid gap-3', columnsOf[columns])}
      >
        {options.map((option) => (
          <Choice key={option.value} option={option} />
        ))}
      </RadioGroup.Root>
      {error !== undefined && <FieldError id={`${id}-error`} text={error} />}
    </div>
  );
}

function Choice({ option }: { option: RadioCardOption }) {
  const id = useId();
  const refused = option.disabledReason !== undefined;
  const below = option.disabledReason ?? option.description;
  return (
    <RadioGroup.Item
      value={option.value}
      disabled={refused}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      className={classNames(
        'group relative flex min-w-0 flex-col items-start gap-1 rounded-lg border p-4 text-left transition-[border-color,background-color,box-shadow]',
        'data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft/50 data-[state=checked]:ring-accent data-[state=checked]:ring-1',
        refused
          ? 'border-border bg-surface-sunken cursor-not-allowed border-dashed'
          : 'border-border-strong/50 bg-surface shadow-card hover:border-border-strong',
      )}
    >
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
      <RadioGroup.Indicator className="bg-accent text-accent-contrast absolute top-3.5 right-3.5 grid size-5 place-items-center rounded-full">
        <Check aria-hidden className="size-3.5" strokeWidth={3} />
      </RadioGroup.Indicator>
    </RadioGroup.Item>
  );
}
