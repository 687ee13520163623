'use client';

import { Search, X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { ComponentProps, ReactNode } from 'react';
import { classNames } from './class-names';
import { inputClasses } from './input-classes';

export interface InputProps extends ComponentProps<'input'> {
  invalid?: boolean;
  icon?: ReactNode;
  /** A unit or a button at the right end. */
  suffix?: ReactNode;
  mono?: boolean;
}

/** A line of text. */
export function Input({ invalid = false, icon, suffix, mono = false, className, ...rest }: InputProps) {
  const bad = invalid || rest['aria-invalid'] === true;
  const input = (
    <input
      type="text"
      {...rest}
      className={classNames(
        inputClasses(bad, mono),
        'h-9 px-3',
        icon !== undefined && 'pl-9',
        suffix !== undefined && 'pr-14',
        icon === undefined && suffix === undefined && className,
      )}
    />
  );
  if (icon === undefined && suffix === undefined) return input;
  return (
    <div className={classNames('relative', className)}>
      {icon !== undefined && (
        <span
          aria-hidden
          className="text-text-subtle pointer-events-none absolute inset-y-0 left-3 flex items-center [&_svg]:size-4"
        >
          {icon}
        </span>
      )}
      {input}
      {suffix !== undefined && (
        <span className="text-text-muted absolute inset-y-0 right-0 flex items-center pr-3 text-[0.8125rem]">
          {suffix}
        </span>
      )}
    </div>
  );
}

/** A search box with its own clear button; Escape clears too. */
export function SearchInput({
  value,
  onValueChange,
  label,
  placeholder,
  className,
}: {
  value: string;
  onValueChange: (value: string) => void;
  label: string;
  placeholder?: string;
  className?: string;
}) {
  const t = useTranslations('ui');
  return (
    <div className={classNames('relative', className)}>
      <Search
        aria-hidden
        className="text-text-subtle pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2"
      />
      <input
        type="search"
        aria-label={label}
        placeholder={placeholder}
        value={value}
        onChange={(event) => onValueChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && value !== '') {
            event.preventDefault();
            onValueChange('');
          }
        }}
        className={classNames(
          inputClasses(false, false),
          'h-9 pr-9 pl-9 [&::-webkit-search-cancel-button]:hidden',
        )}
      />
      {value !== '' && (
        <button
          type="button"
          aria-label={t('clearSearch')}
          onClick={() => onValueChange('')}
          className="text-text-muted hover:text-text absolute inset-y-1 right-1 grid w-7 place-items-center rounded-md"
        >
          <X aria-hidden className="size-4" />
        </button>
      )}
    </div>
  );
}
