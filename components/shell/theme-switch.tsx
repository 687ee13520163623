'use client';

import { Monitor, Moon, Sun } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useTheme } from 'next-themes';
import { DropdownMenu } from '../ui/dropdown-menu';
import { IconButton } from '../ui/icon-button';

const themes = [
  { name: 'light', icon: <Sun /> },
  { name: 'dark', icon: <Moon /> },
  { name: 'system', icon: <Monitor /> },
] as const;

/** Light, dark, or as the system has it. */
export function ThemeSwitch() {
  const t = useTranslations('shell.theme');
  const { theme, setTheme } = useTheme();
  // Both icons are in the page and CSS shows one: the server does not know the theme, and a swap would flash.
  const icon = (
    <>
      <Sun className="theme-light" />
      <Moon className="theme-dark" />
    </>
  );
  return (
    <DropdownMenu
      label={t('label')}
      trigger={<IconButton label={t('label')} icon={icon} />}
      items={themes.map(({ name, icon: own }) => ({
        label: t(name),
        icon: own,
        checked: theme === name,
        onSelect: () => {
          setTheme(name);
        },
      }))}
    />
  );
}
