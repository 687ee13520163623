'use client';

import { useMutation } from '@tanstack/react-query';
import { Cloud, FileInput } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { ImportedLogin, ImportedOpenStackLogin } from '@/server/sites/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { DropZone } from '../ui/drop-zone';
import { ErrorState } from '../ui/error-state';
import { Field } from '../ui/field';
import { Notice } from '../ui/notice';
import { RadioCards } from '../ui/radio-cards';
import { Textarea } from '../ui/textarea';

/** A file of logins is a few kilobytes; whatever is larger is another file. */
const maxBytes = 200_000;

/**
 * Takes a login out of the file that every OpenStack gives its users: clouds.yaml (with secure.yaml) or an openrc.
 *
 * @param onLogin takes the login into the form
 */
export function ImportLogin({ onLogin }: { onLogin: (login: ImportedOpenStackLogin) => void }) {
  const t = useTranslations('adminSites.import');
  const trpc = useTRPC();
  const [text, setText] = useState('');
  const [tooLarge, setTooLarge] = useState(false);
  const [chosen, setChosen] = useState<string>();
  const choose = (login: ImportedOpenStackLogin) => {
    setChosen(login.name);
    onLogin(login);
  };
  const read = useMutation(
    trpc.sites.importLogin.mutationOptions({
      onSuccess: (logins) => {
        setChosen(undefined);
        // It holds passwords, which need not stay on the screen.
        setText('');
        const [only, ...others] = cloudsIn(logins);
        if (only && others.length === 0) choose(only);
      },
    }),
  );
  const readFiles = async (files: File[]) => {
    const large = files.reduce((sum, { size }) => sum + size, 0) > maxBytes;
    setTooLarge(large);
    if (large) return;
    const texts = await Promise.all(files.map((file) => file.text()));
    const all = texts.join('\n');
    setText(all);
    read.mutate({ text: all });
  };
  const logins = cloudsIn(read.data ?? []);
  const login = logins.find(({ name }) => name === chosen);
  return (
    <Card title={t('title')} description={t('text')}>
      <div className="flex flex-col gap-4">
        <DropZone compact label={t('drop')} hint={t('dropHint')} onFiles={(files) => void readFiles(files)} />
        <Field label={t('paste')} optional>
          <Textarea
            mono
            rows={text === '' ? 3 : 8}
            spellCheck={false}
            autoComplete="off"
            placeholder={'clouds:\n  mycloud:\n    auth:'}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </Field>
        <div>
          <Button
            icon={<FileInput />}
            busy={read.isPending}
            onClick={() => read.mutate({ text })}
            {...(text.trim() === '' ? { disabledReason: t('nothingYet') } : {})}
          >
            {t('read')}
          </Button>
        </div>
        <div aria-live="polite" className="flex flex-col gap-4 empty:hidden">
          {tooLarge && <Notice tone="warning">{t('tooLarge')}</Notice>}
          {read.error && <ErrorState compact title={t('failed')} problem={problemOf(read.error)} />}
          {logins.length > 1 && (
            <RadioCards
              label={t('several', { count: logins.length })}
              name="cloud"
              columns={2}
              value={chosen}
              onValueChange={(name) => {
                const found = logins.find((each) => each.name === name);
                if (found) choose(found);
              }}
              options={logins.map((each) => ({
                value: each.name,
                title: each.name,
                icon: <Cloud />,
                description: <span className="break-all">{each.login.authUrl}</span>,
              }))}
            />
          )}
          {login && <Taken login={login} />}
        </div>
      </div>
    </Card>
  );
}

function cloudsIn(logins: readonly ImportedLogin[]): ImportedOpenStackLogin[] {
  return logins.filter((login) => login.kind === 'openstack');
}

/** What came into the form, and what the file could not tell. */
function Taken({ login }: { login: ImportedOpenStackLogin }) {
  const t = useTranslations('adminSites.import');
  if (login.missing.length === 0)
    return (
      <Notice tone="success" title={t('taken', { name: login.name })}>
        {t('takenText')}
      </Notice>
    );
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
