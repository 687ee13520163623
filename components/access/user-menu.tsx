'use client';

import { BookOpen, CircleUserRound, LogOut } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { usePathname } from 'next/navigation';
import { toast } from 'sonner';
import type { Role } from '@/server/access/actor';
import { problemOf } from '../api/problem-of';
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
  const signOut = async () => {
    try {
      await callAuth('sign-out');
      window.location.assign('/sign-in');
    } catch (error) {
      toast.error(problemText(problemOf(error)));
    }
  };
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
