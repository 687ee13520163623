import type { ReactNode } from 'react';
import { PageHeader } from '../ui/page-header';

/** The narrow page of signing in and setting up. */
export function DoorCard({
  title,
  description,
  children,
}: {
  title: string;
  description?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className="mx-auto w-full max-w-md pt-4 md:pt-12">
      <PageHeader title={title} description={description} />
      <div className="border-border bg-surface shadow-card flex flex-col gap-5 rounded-xl border p-5 md:p-7">
        {children}
      </div>
    </div>
  );
}
