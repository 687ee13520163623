'use client';

import { ChevronRight, File, Folder, FolderOpen } from 'lucide-react';
import { useLocale } from 'next-intl';
import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { ByteSize } from './byte-size';
import { classNames } from './class-names';
import { treeOf, visibleRows, type FileTreeEntry, type TreeNode, type TreeRow } from './file-tree-model';
import { toneText } from './tone';

export type { FileTreeEntry };

export interface FileTreeProps {
  label: string;
  entries: FileTreeEntry[];
  /** Path of the entry that is shown elsewhere on the page. */
  selected?: string | undefined;
  onSelect?: (entry: FileTreeEntry) => void;
  defaultOpen?: 'all' | 'first' | 'none';
}

/** Folders and files, with the keys of the ARIA tree pattern: arrows, Home, End, Enter. */
export function FileTree({ label, entries, selected, onSelect, defaultOpen = 'first' }: FileTreeProps) {
  const locale = useLocale();
  const tree = useMemo(
    () => treeOf(entries, new Intl.Collator(locale, { numeric: true })),
    [entries, locale],
  );
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set());
  // What is kept is only what the reader changed: entries that come later open as the rest did.
  const open = useMemo(() => openFolders(tree, defaultOpen, changed), [tree, defaultOpen, changed]);
  const rows = visibleRows(tree, open);
  const [focused, setFocused] = useState<string>();
  const list = useRef<HTMLUListElement>(null);
  const current = rows.some((row) => row.node.entry.path === focused) ? focused : rows[0]?.node.entry.path;

  const toggle = (node: TreeNode) => {
    const next = new Set(changed);
    if (!next.delete(node.entry.path)) next.add(node.entry.path);
    setChanged(next);
  };
  const press = (node: TreeNode) => {
    setFocused(node.entry.path);
    if (node.entry.kind === 'folder') toggle(node);
    onSelect?.(node.entry);
  };
  const go = (row: TreeRow | undefined) => {
    if (row === undefined) return;
    setFocused(row.node.entry.path);
    list.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(row.node.entry.path)}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent, row: TreeRow) => {
    const index = rows.indexOf(row);
    const parent = rows.slice(0, index).findLast((other) => other.level < row.level);
    const canOpen = row.node.entry.kind === 'folder';
    const actions: Record<string, () => void> = {
      ArrowDown: () => go(rows[index + 1]),
      ArrowUp: () => go(rows[index - 1]),
      Home: () => go(rows[0]),
      End: () => go(rows.at(-1)),
      ArrowRight: () => (canOpen && !row.open ? toggle(row.node) : canOpen && go(rows[index + 1])),
      ArrowLeft: () => (row.open ? toggle(row.node) : go(parent)),
      Enter: () => press(row.node),
      ' ': () => press(row.node),
    };
    const action = actions[event.key];
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  };

  return (
    <ul ref={list} role="tree" aria-label={label} className="flex flex-col py-1">
      {rows.map((row) => (
        <TreeItem
          key={row.node.entry.path}
          row={row}
          selected={selected === row.node.entry.path}
          reachable={current === row.node.entry.path}
          onPress={() => press(row.node)}
          onKeyDown={(event) => onKeyDown(event, row)}
        />
      ))}
    </ul>
  );
}

function openFolders(
  tree: readonly TreeNode[],
  defaultOpen: NonNullable<FileTreeProps['defaultOpen']>,
  changed: ReadonlySet<string>,
): Set<string> {
  const open = new Set<string>();
  const visit = (nodes: readonly TreeNode[], level: number) => {
    for (const node of nodes) {
      const atFirst = defaultOpen === 'all' || (defaultOpen === 'first' && level === 1);
      if (atFirst !== changed.has(node.entry.path)) open.add(node.entry.path);
      visit(node.children, level + 1);
    }
  };
  visit(tree, 1);
  return open;
}

function TreeItem({
  row: { node, level, open },
  selected,
  reachable,
  onPress,
  onKeyDown,
}: {
  row: TreeRow;
  selected: boolean;
  reachable: boolean;
  onPress: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
}) {
  const folder = node.entry.kind === 'folder';
  const Icon = folder ? (open ? FolderOpen : Folder) : File;
  return (
    <li
      role="treeitem"
      aria-level={level}
      aria-expanded={folder ? open : undefined}
      aria-selected={selected}
      data-path={node.entry.path}
      tabIndex={reachable ? 0 : -1}
      onClick={onPress}
      onKeyDown={onKeyDown}
      style={{ paddingInlineStart: `${(level - 1) * 1.125 + 0.375}rem` }}
      className={classNames(
        'flex min-h-8 cursor-pointer items-center gap-1.5 rounded-md pr-2.5 select-none focus-visible:-outline-offset-2',
        selected ? 'bg-selected' : 'hover:bg-hover',
      )}
    >
      <ChevronRight
        aria-hidden
        className={classNames(
          'text-text-subtle size-4 shrink-0 transition-transform',
          open && 'rotate-90',
          !folder && 'invisible',
        )}
      />
      <Icon
        aria-hidden
        className={classNames(
          'size-4 shrink-0',
          node.entry.tone === undefined
            ? folder
              ? 'text-accent'
              : 'text-text-muted'
            : toneText[node.entry.tone],
        )}
      />
      <span className="min-w-0 truncate font-mono text-[0.8125rem]">{node.name}</span>
      {node.entry.note !== undefined && (
        <span className={classNames('truncate text-xs', toneText[node.entry.tone ?? 'neutral'])}>
          {node.entry.note}
        </span>
      )}
      {node.entry.size !== undefined && (
        <span className="text-text-muted ml-auto pl-3 text-xs">
          <ByteSize bytes={node.entry.size} />
        </span>
      )}
    </li>
  );
}
