'use client';

import { CheckCircle2, Pause, Play, X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { JobProgress } from '../jobs/job-progress';
import { Button } from '../ui/button';
import { useByteSize } from '../ui/byte-size';
import { Digest } from '../ui/digest';
import { ErrorState } from '../ui/error-state';
import { Field } from '../ui/field';
import { IconButton } from '../ui/icon-button';
import { Input } from '../ui/input';
import { Notice } from '../ui/notice';
import { Progress } from '../ui/progress';
import { Spinner } from '../ui/spinner';
import type { Archive, Archives } from './use-archives';

interface CardProps {
  archive: Archive;
  archives: Archives;
  /** The job that takes its images in, once all of it is here. */
  jobId: string | undefined;
}

/** How far an archive is on its way into the project. */
export function ArchiveCard(props: CardProps) {
  const { archive } = props;
  if (archive.phase === 'there') return <AllThere {...props} />;
  if (archive.phase === 'sent' && props.jobId !== undefined) return <JobProgress jobId={props.jobId} />;
  return (
    <div className="border-border bg-surface flex flex-col gap-3 rounded-lg border p-3">
      <div className="flex items-center justify-between gap-3">
        <span className="min-w-0 truncate font-medium" title={archive.file.name}>
          {archive.file.name}
        </span>
        <Buttons {...props} />
      </div>
      <Body {...props} />
    </div>
  );
}

function Buttons({ archive: { id, phase }, archives }: CardProps) {
  const t = useTranslations('containerPages.upload');
  return (
    <span className="flex shrink-0 gap-1">
      {(phase === 'sending' || phase === 'waiting') && (
        <IconButton label={t('pause')} icon={<Pause />} size="sm" onClick={() => archives.pause(id)} />
      )}
      {phase === 'paused' && (
        <IconButton label={t('resume')} icon={<Play />} size="sm" onClick={() => archives.resume(id)} />
      )}
      {phase !== 'sent' && (
        <IconButton label={t('cancel')} icon={<X />} size="sm" onClick={() => archives.cancel(id)} />
      )}
    </span>
  );
}

function Body({ archive, archives }: CardProps) {
  const t = useTranslations('containerPages.upload');
  const { id, file, phase, sent, problem } = archive;
  if (phase === 'failed' && problem) {
    return <ErrorState problem={problem} onRetry={() => archives.resume(id)} compact />;
  }
  if (phase === 'asking') return <NameForm onName={(name) => archives.name(id, name)} />;
  if (phase === 'reading' || phase === 'sent') {
    return (
      <span className="text-text-muted flex items-center gap-2 text-sm">
        <Spinner className="size-4" />
        {t(phase === 'reading' ? 'reading' : 'storing')}
      </span>
    );
  }
  return (
    <Progress
      label={t('sending')}
      hideLabel
      value={sent}
      max={Math.max(1, file.size)}
      bytes
      {...(phase === 'waiting' && { tone: 'warning' as const })}
      {...((phase === 'waiting' || phase === 'paused') && { detail: t(phase) })}
    />
  );
}

function AllThere({ archive, archives }: CardProps) {
  const t = useTranslations('containerPages.upload');
  const size = useByteSize();
  return (
    <Notice
      tone="success"
      icon={<CheckCircle2 />}
      title={t('allThere')}
      action={
        <Button size="sm" variant="ghost" onClick={() => archives.dismiss(archive.id)}>
          {t('dismiss')}
        </Button>
      }
    >
      <p>{t('allThereText', { file: archive.file.name, bytes: size(archive.file.size) })}</p>
      <ul className="mt-2 flex flex-col gap-1">
        {archive.there.map(({ name, digest }) => (
          <li key={`${name} ${digest}`} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="font-mono text-[0.8125rem] break-all">{name}</span>
            <Digest value={digest} />
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function NameForm({ onName }: { onName: (name: string) => void }) {
  const t = useTranslations('containerPages.upload');
  const [name, setName] = useState('');
  return (
    <form
      method="post"
      className="flex flex-wrap items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '') onName(name.trim());
      }}
    >
      <Field label={t('nameTitle')} hint={t('nameHint')} className="min-w-0 flex-1 basis-72" required>
        <Input
          mono
          value={name}
          onChange={(event) => setName(event.target.value)}
          placeholder="team/app:1.0"
          autoComplete="off"
          spellCheck={false}
        />
      </Field>
      <Button
        type="submit"
        variant="primary"
        {...(name.trim() === '' && { disabledReason: t('nameMissing') })}
      >
        {t('nameSubmit')}
      </Button>
    </form>
  );
}
