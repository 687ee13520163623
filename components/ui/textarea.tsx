import type { ComponentProps } from 'react';
import { classNames } from './class-names';
import { inputClasses } from './input-classes';

export interface TextareaProps extends ComponentProps<'textarea'> {
  invalid?: boolean;
  mono?: boolean;
}

/** Several lines of text; grows with them where the browser can. */
export function Textarea({ invalid = false, mono = false, rows = 4, className, ...rest }: TextareaProps) {
  return (
    <textarea
      spellCheck={!mono}
      {...rest}
      rows={rows}
      className={classNames(
        inputClasses(invalid || rest['aria-invalid'] === true, mono),
        'field-sizing-content max-h-[60vh] min-h-20 resize-y px-3 py-2 leading-relaxed',
        className,
      )}
      style={{ minHeight: `calc(${rows} * 1.625em + 1.125rem)`, ...rest.style }}
    />
  );
}
