'use client';

import { useFormatter } from 'next-intl';
import { millisecondsOf, useNow } from './clock';

type Moment = Date | number | string | null | undefined;

/** How far ahead of the reader's clock, which moves in steps, something may lie that has just happened. */
const step = 10_000;

/** "3 minutes ago", "in 2 days", kept fresh; the full date as its title. */
export function RelativeTime({ at }: { at: Moment }) {
  const format = useFormatter();
  const ms = millisecondsOf(at);
  const now = useNow(step);
  if (ms === undefined) return <NoTime />;
  const date = new Date(ms);
  const full = format.dateTime(date, { dateStyle: 'full', timeStyle: 'medium' });
  // Server and browser may disagree by a step or a time zone; the browser's word holds.
  return (
    <time dateTime={date.toISOString()} title={full} suppressHydrationWarning className="whitespace-nowrap">
      {now === undefined
        ? format.dateTime(date, { dateStyle: 'medium' })
        : format.relativeTime(date, ms - now <= 2 * step ? Math.max(now, ms) : now)}
    </time>
  );
}

/** A date, with its time unless `style` is `date`. */
export function DateTime({ at, style = 'datetime' }: { at: Moment; style?: 'date' | 'datetime' }) {
  const format = useFormatter();
  const ms = millisecondsOf(at);
  if (ms === undefined) return <NoTime />;
  const date = new Date(ms);
  return (
    <time dateTime={date.toISOString()} suppressHydrationWarning className="tabular whitespace-nowrap">
      {format.dateTime(date, { dateStyle: 'medium', ...(style === 'datetime' && { timeStyle: 'short' }) })}
    </time>
  );
}

function NoTime() {
  return <span className="text-text-subtle">–</span>;
}
