'use client';

import { useTranslations } from 'next-intl';
import type { ImportedKubernetesLogin } from '@/server/sites/schemas';
import { Badge } from '../ui/badge';
import { Notice } from '../ui/notice';
import { ImportCard } from './import-card';

/** Takes a login out of a kubeconfig, by its context. @param onLogin takes it into the form */
export function ImportKubeconfig({ onLogin }: { onLogin: (login: ImportedKubernetesLogin) => void }) {
  const t = useTranslations('workloadSites.import');
  return (
    <ImportCard
      kind="kubernetes"
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
        choice: () => t('context'),
      }}
      placeholder={'apiVersion: v1\nkind: Config'}
      several={false}
      first={(logins) => logins.find(({ current }) => current) ?? logins[0]}
      renderOption={({ login, current }) => ({
        description: <span className="break-all">{login.server}</span>,
        meta: current ? <Badge tone="accent">{t('current')}</Badge> : undefined,
      })}
      onLogin={onLogin}
      renderTaken={(login) => <Taken login={login} />}
    />
  );
}

/** What came into the form, and what the file could not tell. */
function Taken({ login }: { login: ImportedKubernetesLogin }) {
  const t = useTranslations('workloadSites.import');
  if (login.missing.length === 0) {
    return (
      <Notice tone="success" title={t('taken', { name: login.name })}>
        {t('takenText')}
      </Notice>
    );
  }
  return (
    <Notice tone="warning" title={t('takenIncomplete', { name: login.name })}>
      {t(login.missing.includes('ca') ? 'missingCa' : 'missingSecret')}
    </Notice>
  );
}
