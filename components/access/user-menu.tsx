'use client';

import { BookOpen, CircleUserRound, LogOut } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { usePathname, useRouter } from 'next/navigation';
import { useCallback, useMemo } from 'react';
import { toast } from 'sonner';
import type { Role } from '@/server/access/actor';
import { problemOf } from '../api/problem-of';
import { usePaletteActions, type PaletteAction } from '../palette/actions';
import { Button } from '../ui/button';
import { DropdownMenu } from '../ui/dropdown-menu';
import { useProblemText } from '../ui/error-state';
import { LinkButton } from '../ui/link-button';
import { callAuth } from './call-auth';

/** Who is signed in, with account and sign-out; for a guest the way to sign in. */
export function UserMenu({ visitor }: { visitor: { userId: string | undefined; name: string; role: Role } }) {
  const t = useTranslations('access');
  const problemText = useProblemText();
  const path = usePathname();
  const signOut = useCallback(async () => {
    try {
      await callAuth('sign-out');
      window.location.assign('/sign-in');
    } catch (error) {
      toast.error(problemText(problemOf(error)));
    }
  }, [problemText]);
  useAccountActions(visitor.userId !== undefined, signOut);
  if (visitor.userId === undefined) {
    // On the sign-in page itself the button would only lead back to it.
    if (path === '/sign-in' || path === '/setup') return null;
    const next = path === '/' ? '' : `?next=${encodeURIComponent(path)}`;
    return (
      <LinkButton href={`/sign-in${next}`} variant="primary" size="sm">
        {t('menu.signIn')}
      </LinkButton>
    );
  }
  return (
    <DropdownMenu
      label={t('menu.label', { name: visitor.name })}
      trigger={
        <Button
          variant="ghost"
          icon={<CircleUserRound />}
          aria-label={t('menu.label', { name: visitor.name })}
        >
          <span className="hidden max-w-40 truncate sm:inline">{visitor.name}</span>
        </Button>
      }
      items={[
        { heading: `${visitor.name} · ${t(`roles.${visitor.role}`)}` },
        { label: t('menu.account'), icon: <CircleUserRound />, href: '/account' },
        { label: t('menu.apiDocs'), icon: <BookOpen />, href: '/api-docs' },
        'separator',
        { label: t('menu.signOut'), icon: <LogOut />, onSelect: () => void signOut() },
      ]}
    />
  );
}

/** The account in the command palette. */
function useAccountActions(signedIn: boolean, signOut: () => Promise<void>): void {
  const t = useTranslations('access.menu');
  const router = useRouter();
  const actions = useMemo<PaletteAction[]>(() => {
    const action = (id: string, run: () => void): PaletteAction => ({
      id: `account.${id}`,
      label: t(id as 'account' | 'signIn' | 'signOut'),
      group: t('group'),
      run,
    });
    if (!signedIn) {
      return [
        action('signIn', () => {
          router.push('/sign-in');
        }),
      ];
    }
    return [
      action('account', () => {
        router.push('/account');
      }),
      action('signOut', () => void signOut()),
    ];
  }, [signedIn, signOut, router, t]);
  usePaletteActions(actions);
}
