'use client';

import { CircleAlert, CircleCheck } from 'lucide-react';

/**
 * Says whether something can be done, and everything that stands against it. Told to screen readers as it changes: put
 * it into a live region.
 *
 * @param reasons sentences; none means that it can be done
 */
export function Verdict({ good, bad, reasons }: { good: string; bad: string; reasons: readonly string[] }) {
  if (reasons.length === 0) {
    return (
      <p className="text-success flex items-center gap-2 font-medium">
        <CircleCheck aria-hidden className="size-4 shrink-0" />
        {good}
      </p>
    );
  }
  return (
    <>
      <p className="text-danger flex items-center gap-2 font-medium">
        <CircleAlert aria-hidden className="size-4 shrink-0" />
        {bad}
      </p>
      <ul className="list-disc space-y-1 pl-5">
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </>
  );
}
