import { useId, type ComponentProps, type ReactNode } from 'react';
import { classNames } from './class-names';

export interface CheckboxProps extends ComponentProps<'input'> {
  label: ReactNode;
  hint?: ReactNode;
  /** Why it cannot be changed now, told below the label. */
  disabledReason?: string | undefined;
}

/** The browser's own checkbox with its label, in the accent colour. */
export function Checkbox({ label, hint, disabledReason, className, ...rest }: CheckboxProps) {
  const ownId = useId();
  const id = rest.id ?? ownId;
  const below = disabledReason ?? hint;
  return (
    <div className={classNames('flex items-start gap-2.5', className)}>
      <input
        {...rest}
        id={id}
        type="checkbox"
        disabled={rest.disabled === true || disabledReason !== undefined}
        aria-describedby={below === undefined ? rest['aria-describedby'] : `${id}-hint`}
        className="check-box mt-[0.1875rem]"
      />
      <div className="min-w-0">
        <label htmlFor={id} className={disabledReason === undefined ? '' : 'text-text-subtle'}>
          {label}
        </label>
        {below !== undefined && (
          <div id={`${id}-hint`} className="text-text-muted text-[0.8125rem] leading-snug">
            {below}
          </div>
        )}
      </div>
    </div>
  );
}
