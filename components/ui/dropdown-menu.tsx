'use client';

import { Check } from 'lucide-react';
import Link from 'next/link';
import { DropdownMenu as Radix } from 'radix-ui';
import { useId, type ReactElement, type ReactNode } from 'react';
import { classNames } from './class-names';
import { Kbd } from './kbd';

export interface MenuItem {
  label: string;
  icon?: ReactNode;
  onSelect?: () => void;
  /** Goes there instead. */
  href?: string;
  danger?: boolean;
  /** Why not now, told below the label; the item stays reachable. */
  disabledReason?: string | undefined;
  /** As for `Kbd`: `mod+k`. */
  shortcut?: string;
  /** For an item that is one of a choice, or on or off. */
  checked?: boolean;
}

export type MenuEntry = MenuItem | 'separator' | { heading: string };

/** Actions behind one button. */
export function DropdownMenu({
  trigger,
  items,
  align = 'end',
  label,
}: {
  trigger: ReactElement;
  items: MenuEntry[];
  align?: 'start' | 'end';
  /** The menu's name, where the trigger's is not enough. */
  label?: string;
}) {
  const triggerId = useId();
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild id={triggerId}>
        {trigger}
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          data-menu-of={triggerId}
          aria-labelledby={label === undefined ? triggerId : undefined}
          aria-label={label}
          className="animate-rise border-border bg-surface-raised text-text shadow-overlay z-50 max-h-[var(--radix-dropdown-menu-content-available-height)] max-w-80 min-w-48 overflow-y-auto rounded-lg border p-1 outline-none"
        >
          {items.map((entry, index) => (
            <Entry key={keyOf(entry, index)} entry={entry} />
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function keyOf(entry: MenuEntry, index: number): string {
  if (entry === 'separator') return `separator ${index}`;
  return 'heading' in entry ? `heading ${entry.heading}` : `${entry.label} ${entry.href ?? ''}`;
}

function Entry({ entry }: { entry: MenuEntry }) {
  if (entry === 'separator') return <Radix.Separator className="bg-border -mx-1 my-1 h-px" />;
  if ('heading' in entry) {
    return <Radix.Label className="eyebrow px-2.5 pt-2 pb-1">{entry.heading}</Radix.Label>;
  }
  const look = itemClasses(entry);
  if (entry.disabledReason !== undefined) {
    return (
      <Radix.Item aria-disabled onSelect={(event) => event.preventDefault()} className={look}>
        <ItemText item={entry} />
      </Radix.Item>
    );
  }
  if (entry.checked !== undefined) {
    return (
      <Radix.CheckboxItem checked={entry.checked} onSelect={entry.onSelect} className={look}>
        <ItemText item={entry} />
      </Radix.CheckboxItem>
    );
  }
  if (entry.href !== undefined) {
    return (
      <Radix.Item asChild onSelect={entry.onSelect} className={look}>
        <Link href={entry.href}>
          <ItemText item={entry} />
        </Link>
      </Radix.Item>
    );
  }
  return (
    <Radix.Item onSelect={entry.onSelect} className={look}>
      <ItemText item={entry} />
    </Radix.Item>
  );
}

function itemClasses(item: MenuItem): string {
  return classNames(
    'flex min-h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-1.5 outline-none select-none data-[highlighted]:bg-hover [&_svg]:size-4 [&_svg]:shrink-0',
    item.disabledReason !== undefined && 'text-text-subtle cursor-default',
    item.danger === true &&
      item.disabledReason === undefined &&
      'text-danger data-[highlighted]:bg-danger-soft',
  );
}

function ItemText({ item }: { item: MenuItem }) {
  return (
    <>
      {item.icon}
      <span className="min-w-0 flex-1">
        {item.label}
        {item.disabledReason !== undefined && (
          <span className="text-text-muted block text-xs leading-snug text-pretty">
            {item.disabledReason}
          </span>
        )}
      </span>
      {item.shortcut !== undefined && <Kbd keys={item.shortcut} />}
      {item.checked === true && <Check aria-hidden className="text-accent" />}
    </>
  );
}
