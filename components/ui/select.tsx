import { ChevronDown } from 'lucide-react';
import type { ComponentProps } from 'react';
import { classNames } from './class-names';
import { inputClasses } from './input-classes';

export interface SelectOption {
  value: string;
  label: string;
  disabled?: boolean;
  /** Heading under which this choice stands; give neighbours the same. */
  group?: string;
}

export interface SelectProps extends Omit<ComponentProps<'select'>, 'children'> {
  options: SelectOption[];
  /** Shown while nothing is chosen (value ''). */
  placeholder?: string;
  invalid?: boolean;
}

/** The browser's own select: best on phones, for screen readers and for typing ahead. */
export function Select({ options, placeholder, invalid = false, className, ...rest }: SelectProps) {
  const groups = [...new Set(options.map((option) => option.group))];
  return (
    <span className={classNames('relative block', className)}>
      <select
        {...rest}
        className={classNames(
          inputClasses(invalid || rest['aria-invalid'] === true, false),
          'h-9 appearance-none truncate pr-9 pl-3',
        )}
      >
        {placeholder !== undefined && <option value="">{placeholder}</option>}
        {groups.map((group) => {
          const choices = options.filter((option) => option.group === group).map(choice);
          if (group === undefined) return choices;
          return (
            <optgroup key={group} label={group}>
              {choices}
            </optgroup>
          );
        })}
      </select>
      <ChevronDown
        aria-hidden
        className="text-text-muted pointer-events-none absolute top-1/2 right-3 size-4 -translate-y-1/2"
      />
    </span>
  );
}

function choice(option: SelectOption) {
  return (
    <option key={option.value} value={option.value} disabled={option.disabled}>
      {option.label}
    </option>
  );
}
