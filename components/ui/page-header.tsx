import Link from 'next/link';
import { ChevronRight } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';

export interface Crumb {
  label: string;
  href: string;
}

/** The head of a page: where one is, its only `h1`, its state, and what one can do here. */
export function PageHeader({
  title,
  crumbs = [],
  description,
  status,
  actions,
  icon,
}: {
  title: string;
  crumbs?: Crumb[];
  description?: ReactNode;
  /** How the thing of this page is doing, beside the title. */
  status?: ReactNode;
  actions?: ReactNode;
  icon?: ReactNode;
}) {
  return (
    <header className="mb-6 flex flex-col gap-3">
      {crumbs.length > 0 && <Crumbs crumbs={crumbs} />}
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="flex min-w-0 flex-1 basis-72 items-start gap-3">
          {icon !== undefined && (
            <span
              aria-hidden
              className="bg-accent-soft text-accent-strong -mt-0.5 grid size-10 shrink-0 place-items-center overflow-hidden rounded-lg [&_svg]:size-5"
            >
              {icon}
            </span>
          )}
          <div className="min-w-0">
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <h1 tabIndex={-1} className="text-2xl leading-tight font-semibold tracking-tight outline-none">
                {title}
              </h1>
              {status}
            </div>
            {description !== undefined && (
              <div className="text-text-muted mt-1.5 max-w-3xl text-[0.9375rem]">{description}</div>
            )}
          </div>
        </div>
        {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
    </header>
  );
}

function Crumbs({ crumbs }: { crumbs: Crumb[] }) {
  const t = useTranslations('ui');
  return (
    <nav aria-label={t('crumbs')}>
      <ol className="text-text-muted flex flex-wrap items-center gap-x-1.5 gap-y-1 text-[0.8125rem]">
        {crumbs.map((crumb, index) => (
          <li key={crumb.href} className="flex min-w-0 items-center gap-1.5">
            {index > 0 && <ChevronRight aria-hidden className="text-text-subtle size-3.5 shrink-0" />}
            <Link href={crumb.href} className="hover:text-text max-w-64 truncate rounded-sm hover:underline">
              {crumb.label}
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  );
}
