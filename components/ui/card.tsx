import Link from 'next/link';
import { useId, type ComponentProps, type ReactNode } from 'react';
import { classNames } from './class-names';

export interface CardProps extends Omit<ComponentProps<'div'>, 'title'> {
  title?: ReactNode;
  description?: ReactNode;
  /** Buttons at the right of the title. */
  actions?: ReactNode;
  footer?: ReactNode;
  /** False when the content brings its own edges: a table, a console. */
  padded?: boolean;
  as?: 'section' | 'div' | 'article';
  headingLevel?: 2 | 3;
}

/** One matter on a page. With a title it is a region that screen readers can jump to. */
export function Card({
  title,
  description,
  actions,
  footer,
  padded = true,
  as: Element = 'section',
  headingLevel = 2,
  className,
  children,
  ...rest
}: CardProps) {
  const id = useId();
  const headed = title !== undefined || actions !== undefined;
  const Heading = headingLevel === 2 ? 'h2' : 'h3';
  return (
    <Element
      aria-labelledby={title === undefined ? undefined : id}
      {...rest}
      className={classNames(
        'border-border bg-surface shadow-card min-w-0 overflow-clip rounded-xl border',
        className,
      )}
    >
      {headed && (
        <div
          className={classNames(
            'flex flex-wrap items-start justify-between gap-x-4 gap-y-2 px-5 pt-4',
            padded ? 'pb-0' : 'border-border border-b pb-3.5',
          )}
        >
          <div className="min-w-0">
            {title !== undefined && (
              <Heading id={id} className="text-[0.9375rem] leading-8 font-semibold">
                {title}
              </Heading>
            )}
            {description !== undefined && (
              <div className="text-text-muted text-[0.8125rem]">{description}</div>
            )}
          </div>
          {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
        </div>
      )}
      {children !== undefined && (
        <div className={padded ? classNames('px-5 pb-5', headed ? 'pt-3' : 'pt-5') : undefined}>
          {children}
        </div>
      )}
      {footer !== undefined && (
        <div className="border-border bg-surface-sunken/60 text-text-muted flex flex-wrap items-center justify-between gap-3 border-t px-5 py-3 text-[0.8125rem]">
          {footer}
        </div>
      )}
    </Element>
  );
}

/** A card that is one link as a whole. */
export function LinkCard({
  href,
  label,
  className,
  children,
}: {
  href: string;
  /** Name of the link: without it a screen reader reads the whole card as one. */
  label: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    <Link
      href={href}
      aria-label={label}
      className={classNames(
        'border-border bg-surface shadow-card hover:border-accent-line hover:shadow-raised block min-w-0 rounded-xl border p-5 transition-[border-color,box-shadow]',
        className,
      )}
    >
      {children}
    </Link>
  );
}

const gridColumns = {
  sm: 'grid-cols-[repeat(auto-fill,minmax(min(13rem,100%),1fr))]',
  md: 'grid-cols-[repeat(auto-fill,minmax(min(18rem,100%),1fr))]',
  lg: 'grid-cols-[repeat(auto-fill,minmax(min(24rem,100%),1fr))]',
};

/** Cards side by side, as many as fit. `min` is the least width of one. */
export function CardGrid({ children, min = 'md' }: { children: ReactNode; min?: keyof typeof gridColumns }) {
  return <div className={classNames('grid gap-4', gridColumns[min])}>{children}</div>;
}
