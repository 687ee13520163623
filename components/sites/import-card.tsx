'use client';

import { useMutation } from '@tanstack/react-query';
import { FileInput } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { maxImportLength, type ImportedLogin } from '@/server/sites/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { DropZone } from '../ui/drop-zone';
import { ErrorState } from '../ui/error-state';
import { Field } from '../ui/field';
import { Notice } from '../ui/notice';
import { RadioCards, type RadioCardOption } from '../ui/radio-cards';
import { Textarea } from '../ui/textarea';

type Kind = ImportedLogin['kind'];
type LoginOf<Of extends Kind> = Extract<ImportedLogin, { kind: Of }>;

/** What is said on the card that takes logins out of files. */
type ImportWords = Record<
  'title' | 'text' | 'drop' | 'dropHint' | 'paste' | 'read' | 'nothingYet' | 'tooLarge' | 'failed',
  string
> & { choice: (count: number) => string };

/**
 * Takes a login out of files that a person has already, dropped or pasted. Where they hold several, one is chosen.
 *
 * @param first which of several logins is taken at once; undefined: the person chooses
 * @param onLogin takes the login into the form
 * @param renderTaken says what came into the form, and what the file could not tell
 */
export function ImportCard<Of extends Kind>({
  kind,
  words,
  placeholder,
  several,
  first,
  renderOption,
  onLogin,
  renderTaken,
}: {
  kind: Of;
  words: ImportWords;
  placeholder: string;
  /** Whether more than one file makes a whole. */
  several: boolean;
  first: (logins: readonly LoginOf<Of>[]) => LoginOf<Of> | undefined;
  renderOption: (login: LoginOf<Of>) => Omit<RadioCardOption, 'value' | 'title'>;
  onLogin: (login: LoginOf<Of>) => void;
  renderTaken: (login: LoginOf<Of>) => ReactNode;
}) {
  const trpc = useTRPC();
  const [text, setText] = useState('');
  const [tooLarge, setTooLarge] = useState(false);
  const [chosen, setChosen] = useState<string>();
  const ofKind = (all: readonly ImportedLogin[]) =>
    all.filter((login): login is LoginOf<Of> => login.kind === kind);
  const choose = (login: LoginOf<Of> | undefined) => {
    setChosen(login?.name);
    if (login) onLogin(login);
  };
  const read = useMutation(
    trpc.sites.importLogin.mutationOptions({
      onSuccess: (found) => {
        // It holds passwords and keys, which need not stay on the screen.
        setText('');
        choose(first(ofKind(found)));
      },
    }),
  );
  const readFiles = async (files: readonly File[]) => {
    const large = files.reduce((sum, { size }) => sum + size, 0) > maxImportLength;
    setTooLarge(large);
    if (large || files.length === 0) return;
    const texts = await Promise.all(files.map((file) => file.text()));
    // Not into the text box: they hold passwords and keys.
    read.mutate({ kind, text: texts.join('\n') });
  };
  const logins = ofKind(read.data ?? []);
  const login = logins.find(({ name }) => name === chosen);
  return (
    <Card title={words.title} description={words.text}>
      <div className="flex flex-col gap-4">
        <DropZone
          compact
          label={words.drop}
          hint={words.dropHint}
          multiple={several}
          onFiles={(files) => void readFiles(files)}
        />
        <Field label={words.paste} optional>
          <Textarea
            mono
            rows={text === '' ? 3 : 8}
            spellCheck={false}
            autoComplete="off"
            placeholder={placeholder}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </Field>
        <div>
          <Button
            icon={<FileInput />}
            busy={read.isPending}
            onClick={() => read.mutate({ kind, text })}
            {...(text.trim() === '' && { disabledReason: words.nothingYet })}
          >
            {words.read}
          </Button>
        </div>
        <div aria-live="polite" className="flex flex-col gap-4 empty:hidden">
          {tooLarge && <Notice tone="warning">{words.tooLarge}</Notice>}
          {read.error && <ErrorState compact title={words.failed} problem={problemOf(read.error)} />}
          {logins.length > 1 && (
            <RadioCards
              label={words.choice(logins.length)}
              columns={2}
              value={chosen}
              onValueChange={(name) => choose(logins.find((each) => each.name === name))}
              options={logins.map((each) => ({ value: each.name, title: each.name, ...renderOption(each) }))}
            />
          )}
          {login && renderTaken(login)}
        </div>
      </div>
    </Card>
  );
}
