'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { Tabs as RadixTabs } from 'radix-ui';
import { useEffect, useRef, type ReactNode } from 'react';
import { classNames } from './class-names';

interface TabLabel {
  label: string;
  icon?: ReactNode;
  count?: number | undefined;
}

const list = 'border-border mb-5 flex gap-1 overflow-x-auto overflow-y-hidden border-b';

function tabClasses(active: boolean | 'by-state'): string {
  return classNames(
    '-mb-px flex items-center gap-2 border-b-2 px-3 py-2.5 font-medium whitespace-nowrap transition-colors focus-visible:-outline-offset-2 [&_svg]:size-4',
    active === true && 'border-accent text-text',
    active === false && 'text-text-muted hover:text-text border-transparent',
    active === 'by-state' &&
      'text-text-muted hover:text-text data-[state=active]:border-accent data-[state=active]:text-text border-transparent',
  );
}

/** Parts of one page, one shown at a time. */
export function Tabs({
  label,
  value,
  onValueChange,
  tabs,
}: {
  label: string;
  value: string;
  onValueChange: (value: string) => void;
  tabs: (TabLabel & { value: string; content: ReactNode })[];
}) {
  return (
    <RadixTabs.Root value={value} onValueChange={onValueChange}>
      <RadixTabs.List aria-label={label} className={list}>
        {tabs.map((tab) => (
          <RadixTabs.Trigger key={tab.value} value={tab.value} className={tabClasses('by-state')}>
            <TabText tab={tab} />
          </RadixTabs.Trigger>
        ))}
      </RadixTabs.List>
      {tabs.map((tab) => (
        <RadixTabs.Content key={tab.value} value={tab.value} className="rounded-md">
          {tab.content}
        </RadixTabs.Content>
      ))}
    </RadixTabs.Root>
  );
}

/** Tabs that are pages of their own; `exact` for the one whose address the others begin with. */
export function TabLinks({
  label,
  tabs,
}: {
  label: string;
  tabs: (TabLabel & { href: string; exact?: boolean })[];
}) {
  const path = usePathname();
  const row = useRef<HTMLElement>(null);
  useEffect(() => {
    if (row.current) bringCurrentIntoSight(row.current);
  }, [path]);
  return (
    <nav ref={row} aria-label={label} className={list}>
      {tabs.map((tab) => {
        const active = path === tab.href || (tab.exact !== true && path.startsWith(`${tab.href}/`));
        return (
          <Link
            key={tab.href}
            href={tab.href}
            aria-current={active ? 'page' : undefined}
            className={tabClasses(active)}
          >
            <TabText tab={tab} />
          </Link>
        );
      })}
    </nav>
  );
}

/** Scrolls the row alone: `scrollIntoView` would move the page as well. */
function bringCurrentIntoSight(row: HTMLElement): void {
  const current = row.querySelector('[aria-current=page]');
  if (current === null) return;
  const [there, here] = [current.getBoundingClientRect(), row.getBoundingClientRect()];
  row.scrollLeft += there.left - here.left - (here.width - there.width) / 2;
}

function TabText({ tab }: { tab: TabLabel }) {
  return (
    <>
      {tab.icon}
      {tab.label}
      {tab.count !== undefined && (
        <span className="bg-surface-sunken text-text-muted tabular rounded-full px-1.5 text-xs">
          {tab.count}
        </span>
      )}
    </>
  );
}
