'use client';

import { useImperativeHandle, useMemo, useRef, type Ref } from 'react';
import { classNames } from '../ui/class-names';

/** A line of the text that has a remark, and how bad it is. */
export interface MarkedLine {
  line: number;
  severity: 'error' | 'warning';
}

export interface TextEditorHandle {
  /** Puts the cursor into a line (from 1) and shows it. */
  goTo: (line: number) => void;
}

interface TextEditorProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  marks: readonly MarkedLine[];
  /** Id of the element that says what is wrong. */
  describedBy?: string;
  /** For texts of a few lines. */
  low?: boolean;
  ref?: Ref<TextEditorHandle>;
}

// Both columns must have the same height of line, or the numbers run away from the text.
const look = 'font-mono text-[0.8125rem] leading-6';
const lineHeight = 24;

/** A plain editor for YAML: the browser's own text field, with the numbers of its lines beside it. */
export function TextEditor({
  label,
  value,
  onChange,
  marks,
  describedBy,
  low = false,
  ref,
}: TextEditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const numbers = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => value.split('\n').length, [value]);
  const marked = useMemo(() => severityByLine(marks), [marks]);
  useImperativeHandle(ref, () => ({
    goTo(line) {
      const field = area.current;
      if (!field) return;
      const before = field.value.split('\n').slice(0, line - 1);
      const start = before.reduce((sum, each) => sum + each.length + 1, 0);
      const end = field.value.indexOf('\n', start);
      field.focus();
      field.setSelectionRange(start, end === -1 ? field.value.length : end);
      field.scrollTop = Math.max(0, (line - 4) * lineHeight);
    },
  }));
  return (
    <div
      className={classNames(
        'border-border-strong bg-surface focus-within:outline-focus flex max-h-[70vh] overflow-hidden rounded-lg border focus-within:outline-2',
        low ? 'h-56 resize-y' : 'h-[28rem]',
      )}
    >
      <div
        ref={numbers}
        aria-hidden
        className={classNames(
          look,
          'bg-surface-sunken text-text-subtle tabular shrink-0 overflow-hidden py-3 text-right select-none',
        )}
      >
        {Array.from({ length: lines }, (_, index) => (
          // Lines have no identity but their place.
          <div key={index} className={classNames('min-w-10 px-2', lineLook(marked.get(index + 1)))}>
            {index + 1}
          </div>
        ))}
      </div>
      <textarea
        ref={area}
        aria-label={label}
        aria-describedby={describedBy}
        aria-invalid={marks.some(({ severity }) => severity === 'error')}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onScroll={({ currentTarget }) => {
          if (numbers.current) numbers.current.scrollTop = currentTarget.scrollTop;
        }}
        wrap="off"
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        className={classNames(
          look,
          'text-text min-w-0 flex-1 resize-none bg-transparent px-3 py-3 outline-none',
        )}
      />
    </div>
  );
}

function severityByLine(marks: readonly MarkedLine[]): Map<number, MarkedLine['severity']> {
  const found = new Map<number, MarkedLine['severity']>();
  for (const { line, severity } of marks) {
    if (severity === 'error' || !found.has(line)) found.set(line, severity);
  }
  return found;
}

function lineLook(severity: MarkedLine['severity'] | undefined): string | undefined {
  if (severity === undefined) return undefined;
  return severity === 'error' ? 'bg-danger-soft text-danger font-semibold' : 'bg-warning-soft text-warning';
}
