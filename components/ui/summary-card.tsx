'use client';

import type { ReactNode } from 'react';
import { Button } from './button';
import { Card } from './card';

/** What a form will make and what stands in the way, with the button that makes it so. */
export function SummaryCard({
  title,
  description,
  submit,
  then,
  children,
}: {
  title: string;
  description?: ReactNode;
  submit: {
    label: string;
    icon?: ReactNode;
    busy: boolean;
    /** Why it cannot be pressed. */
    refusal: string | undefined;
  };
  /** What happens afterwards. */
  then?: string;
  children: ReactNode;
}) {
  return (
    <aside aria-label={title}>
      <Card title={title} description={description}>
        <div className="flex flex-col gap-5">
          {children}
          <Button
            type="submit"
            variant="primary"
            size="lg"
            icon={submit.icon}
            busy={submit.busy}
            {...(submit.refusal !== undefined && { disabledReason: submit.refusal })}
          >
            {submit.label}
          </Button>
          {then !== undefined && <p className="text-text-muted text-[0.8125rem]">{then}</p>}
        </div>
      </Card>
    </aside>
  );
}
