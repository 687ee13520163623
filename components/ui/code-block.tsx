'use client';

import { WrapText } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState, type ReactNode } from 'react';
import { classNames } from './class-names';
import { CopyButton } from './copy-button';
import { IconButton } from './icon-button';

const heights = { sm: 'max-h-48', md: 'max-h-[28rem]', none: '' };

export interface CodeBlockProps {
  text: string;
  label?: string;
  /** A word for the corner: `yaml`, `sh`. */
  language?: string;
  /** Whether long lines break at first; the reader can change it. */
  wrap?: boolean;
  maxHeight?: keyof typeof heights;
  lineNumbers?: boolean;
  /** Counted from 1. */
  highlightLines?: number[];
}

/** A text as machines write it: code, logs, answers. */
export function CodeBlock({
  text,
  label,
  language,
  wrap = false,
  maxHeight = 'md',
  lineNumbers = false,
  highlightLines = [],
}: CodeBlockProps) {
  const t = useTranslations('ui');
  const [wrapped, setWrapped] = useState(wrap);
  const look = classNames(
    'block font-mono text-[0.8125rem] leading-relaxed',
    wrapped ? 'w-full break-words whitespace-pre-wrap' : 'w-max min-w-full',
  );
  return (
    <figure className="border-border bg-surface-sunken min-w-0 overflow-hidden rounded-lg border">
      <figcaption className="border-border bg-surface flex min-h-10 items-center justify-between gap-2 border-b py-1 pr-1 pl-3.5">
        <span className="eyebrow truncate">{label ?? language}</span>
        <span className="flex items-center">
          <IconButton
            size="sm"
            label={t('wrapLines')}
            icon={<WrapText />}
            pressed={wrapped}
            onClick={() => setWrapped(!wrapped)}
          />
          <CopyButton text={text} label={label} />
        </span>
      </figcaption>
      {/* A box that scrolls must be reachable by keyboard (WCAG 2.1.1). */}
      <pre
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        aria-label={label ?? language}
        className={classNames('overflow-auto py-3 focus-visible:-outline-offset-2', heights[maxHeight])}
      >
        {lineNumbers || highlightLines.length > 0 ? (
          <NumberedLines text={text} numbers={lineNumbers} marked={new Set(highlightLines)} look={look} />
        ) : (
          <code className={classNames(look, 'px-3.5')}>{text}</code>
        )}
      </pre>
    </figure>
  );
}

function NumberedLines({
  text,
  numbers,
  marked,
  look,
}: {
  text: string;
  numbers: boolean;
  marked: ReadonlySet<number>;
  look: string;
}) {
  return (
    <code className={look}>
      {text
        .replace(/\n$/, '')
        .split('\n')
        .map((line, index) => (
          // Lines have no identity but their place.
          // oxlint-disable-next-line react/no-array-index-key
          <span key={index} className={classNames('flex px-3.5', marked.has(index + 1) && 'bg-warning-soft')}>
            {numbers && (
              <span aria-hidden className="text-text-subtle tabular mr-4 w-8 shrink-0 text-right select-none">
                {index + 1}
              </span>
            )}
            <span>
              {line}
              {'\n'}
            </span>
          </span>
        ))}
    </code>
  );
}

/** A word of code in running text. */
export function InlineCode({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <code
      className={classNames(
        'bg-surface-sunken border-border rounded-sm border px-1 py-px font-mono text-[0.9em] break-words',
        className,
      )}
    >
      {children}
    </code>
  );
}
