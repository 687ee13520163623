'use client';

import { ChevronRight, HardDrive, House } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { classNames } from '../ui/class-names';

interface Crumb {
  path: string;
  label: string;
  icon?: 'home' | 'root';
}

/** The way from the root of the disk, or from the home, down to the folder that is shown. */
export function FolderCrumbs({
  path,
  home,
  onOpen,
}: {
  path: string;
  home: string;
  onOpen: (path: string) => void;
}) {
  const t = useTranslations('files');
  const crumbs = crumbsOf(path, home, { home: t('home'), root: t('root') });
  return (
    <nav aria-label={t('crumbs')}>
      <ol className="flex flex-wrap items-center gap-0.5">
        {crumbs.map((crumb, index) => {
          const here = index === crumbs.length - 1 && crumb.path === path;
          return (
            <li key={crumb.path} className="flex min-w-0 items-center gap-0.5">
              {index > 0 && <ChevronRight aria-hidden className="text-text-subtle size-4 shrink-0" />}
              <button
                type="button"
                aria-current={here ? 'page' : undefined}
                onClick={() => onOpen(crumb.path)}
                className={classNames(
                  'hover:bg-hover flex min-w-0 items-center gap-1.5 rounded-sm px-1.5 py-1',
                  here ? 'font-medium' : 'text-text-muted',
                )}
              >
                {crumb.icon === 'home' && <House aria-hidden className="size-4 shrink-0" />}
                {crumb.icon === 'root' && <HardDrive aria-hidden className="size-4 shrink-0" />}
                <span className="max-w-48 truncate">{crumb.label}</span>
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

function crumbsOf(path: string, home: string, words: { home: string; root: string }): Crumb[] {
  const root: Crumb = { path: '/', label: words.root, icon: 'root' };
  const inHome = path === home || path.startsWith(`${home}/`);
  const start: Crumb[] = inHome ? [root, { path: home, label: words.home, icon: 'home' }] : [root];
  const base = inHome ? home : '';
  const names = path.slice(base.length).split('/').filter(Boolean);
  const below = names.map((label, index) => ({
    path: `${base}/${names.slice(0, index + 1).join('/')}`,
    label,
  }));
  return [...start, ...below];
}
