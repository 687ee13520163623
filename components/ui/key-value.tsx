import type { ReactNode } from 'react';
import { classNames } from './class-names';

const columnsOf = { 1: '', 2: 'sm:grid-cols-2', 3: 'sm:grid-cols-2 lg:grid-cols-3' };

/** Facts about one thing. One column: label beside value, lines between; more columns: label above value. */
export function KeyValueList({
  items,
  columns = 1,
}: {
  items: { label: string; value: ReactNode; hint?: ReactNode }[];
  columns?: 1 | 2 | 3;
}) {
  const beside = columns === 1;
  return (
    <dl
      className={
        beside
          ? 'divide-border @container -my-2.5 divide-y'
          : classNames('grid gap-x-8 gap-y-4', columnsOf[columns])
      }
    >
      {items.map((item) => (
        <div
          key={item.label}
          className={classNames(
            'min-w-0',
            beside &&
              'gap-x-4 py-2.5 @3xs:grid @3xs:grid-cols-[minmax(0,2fr)_minmax(0,3fr)] @3xs:items-baseline @lg:grid-cols-[11rem_minmax(0,1fr)]',
          )}
        >
          <dt className="text-text-muted text-[0.8125rem]">{item.label}</dt>
          <dd
            className={classNames('min-w-0 [overflow-wrap:anywhere]', beside ? '@max-3xs:mt-0.5' : 'mt-0.5')}
          >
            {item.value ?? <span className="text-text-subtle">–</span>}
            {item.hint !== undefined && <div className="text-text-muted text-[0.8125rem]">{item.hint}</div>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
