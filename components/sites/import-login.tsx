'use client';

import { Cloud } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { ImportedOpenStackLogin } from '@/server/sites/schemas';
import { Notice } from '../ui/notice';
import { ImportCard } from './import-card';

/**
 * Takes a login out of the file that every OpenStack gives its users: clouds.yaml (with secure.yaml) or an openrc.
 *
 * @param onLogin takes the login into the form
 */
export function ImportLogin({ onLogin }: { onLogin: (login: ImportedOpenStackLogin) => void }) {
  const t = useTranslations('adminSites.import');
  return (
    <ImportCard
      kind="openstack"
      words={{
        title: t('title'),
        text: t('text'),
        drop: t('drop'),
        dropHint: t('dropHint'),
        paste: t('paste'),
        read: t('read'),
        nothingYet: t('nothingYet'),
        tooLarge: t('tooLarge'),
        failed: t('failed'),
        choice: (count) => t('several', { count }),
      }}
      placeholder={'clouds:\n  mycloud:\n    auth:'}
      several
      first={(logins) => (logins.length === 1 ? logins[0] : undefined)}
      renderOption={({ login }) => ({
        icon: <Cloud />,
        description: <span className="break-all">{login.authUrl}</span>,
      })}
      onLogin={onLogin}
      renderTaken={(login) => <Taken login={login} />}
    />
  );
}

/** What came into the form, and what the file could not tell. */
function Taken({ login }: { login: ImportedOpenStackLogin }) {
  const t = useTranslations('adminSites.import');
  if (login.missing.length === 0) {
    return (
      <Notice tone="success" title={t('taken', { name: login.name })}>
        {t('takenText')}
      </Notice>
    );
  }
  return (
    <Notice tone="warning" title={t('takenIncomplete', { name: login.name })}>
      <ul className="list-disc space-y-1 pl-5">
        {login.missing.map((what) => (
          <li key={what}>{t(`missing.${what}`)}</li>
        ))}
      </ul>
    </Notice>
  );
}
