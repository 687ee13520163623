'use client';

import { useMutation } from '@tanstack/react-query';
import { FileInput } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { maxImportLength, type ImportedKubernetesLogin } from '@/server/sites/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { DropZone } from '../ui/drop-zone';
import { ErrorState } from '../ui/error-state';
import { Field } from '../ui/field';
import { Notice } from '../ui/notice';
import { RadioCards } from '../ui/radio-cards';
import { Textarea } from '../ui/textarea';

/** Takes a login out of a kubeconfig, by its context. @param onLogin takes it into the form */
export function ImportKubeconfig({ onLogin }: { onLogin: (login: ImportedKubernetesLogin) => void }) {
  const t = useTranslations('workloadSites.import');
  const trpc = useTRPC();
  const [text, setText] = useState('');
  const [tooLarge, setTooLarge] = useState(false);
  const [chosen, setChosen] = useState<string>();
  const choose = (login: ImportedKubernetesLogin) => {
    setChosen(login.name);
    onLogin(login);
  };
  const read = useMutation(
    trpc.sites.importLogin.mutationOptions({
      onSuccess: (logins) => {
        // It holds keys, which need not stay on the screen.
        setText('');
        const found = logins.filter((login) => login.kind === 'kubernetes');
        const first = found.find(({ current }) => current) ?? found[0];
        if (first) choose(first);
      },
    }),
  );
  const take = async (file: File | undefined) => {
    if (!file) return;
    setTooLarge(file.size > maxImportLength);
    if (file.size <= maxImportLength) read.mutate({ kind: 'kubernetes', text: await file.text() });
  };
  const logins = (read.data ?? []).filter((login) => login.kind === 'kubernetes');
  const login = logins.find(({ name }) => name === chosen);
  return (
    <Card title={t('title')} description={t('text')}>
      <div className="flex flex-col gap-4">
        <DropZone
          compact
          label={t('drop')}
          hint={t('dropHint')}
          multiple={false}
          onFiles={([file]) => void take(file)}
        />
        <Field label={t('paste')} optional>
          <Textarea
            mono
            rows={3}
            spellCheck={false}
            autoComplete="off"
            placeholder={'apiVersion: v1\nkind: Config'}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </Field>
        <div>
          <Button
            icon={<FileInput />}
            busy={read.isPending}
            onClick={() => read.mutate({ kind: 'kubernetes', text })}
            {...(text.trim() === '' && { disabledReason: t('nothingYet') })}
          >
            {t('read')}
          </Button>
        </div>
        <div aria-live="polite" className="flex flex-col gap-4 empty:hidden">
          {tooLarge && <Notice tone="warning">{t('tooLarge')}</Notice>}
          {read.error && <ErrorState compact title={t('failed')} problem={problemOf(read.error)} />}
          {logins.length > 1 && (
            <RadioCards
              label={t('context')}
              name="context"
              columns={2}
              value={chosen}
              onValueChange={(name) => {
                const found = logins.find((each) => each.name === name);
                if (found) choose(found);
              }}
              options={logins.map((each) => ({
                value: each.name,
                title: each.name,
                description: <span className="break-all">{each.login.server}</span>,
                meta: each.current ? <Badge tone="accent">{t('current')}</Badge> : undefined,
              }))}
            />
          )}
          {login && <Taken login={login} />}
        </div>
      </div>
    </Card>
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
