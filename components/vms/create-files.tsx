'use client';

import { Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { useFormContext, useWatch } from 'react-hook-form';
import type { GuestImage } from '@/server/sites/site';
import { byteLength, fileBytes, maxFileBytes, maxFiles, seedFile } from '@/server/workbench/schemas';
import { base64Of } from '../ui/base64-of';
import { useByteSize } from '../ui/byte-size';
import { DropZone } from '../ui/drop-zone';
import { Field } from '../ui/field';
import { IconButton } from '../ui/icon-button';
import { Input } from '../ui/input';
import { Notice } from '../ui/notice';
import { Progress } from '../ui/progress';
import { Select } from '../ui/select';
import type { CreateVmForm } from './create-form';

type FormFile = NonNullable<CreateVmForm['files']>[number];

/** Small files that a VM has from its first start on: they go with its creation, so no network leads to it. */
export function FileFields({ image }: { image: GuestImage | undefined }) {
  const t = useTranslations('workbench.create');
  const bytes = useByteSize();
  const { control, setValue, formState } = useFormContext<CreateVmForm>();
  const files = useWatch({ control, name: 'files' }) ?? [];
  const [left, setLeft] = useState<string[]>([]);
  const used = fileBytes(files);
  const change = (next: FormFile[]) =>
    setValue('files', next, { shouldDirty: true, shouldValidate: formState.isSubmitted });

  const add = async (dropped: File[]) => {
    const { fitting, over } = thoseThatFit(dropped, {
      bytes: maxFileBytes - used,
      count: maxFiles - files.length,
    });
    setLeft(over.map(({ name }) => name));
    const taken = files.map(({ path }) => path);
    const added: FormFile[] = [];
    for (const file of fitting) {
      const path = freePath(file.name, taken);
      taken.push(path);
      added.push({ path, contentBase64: await base64Of(file), mode: modes[0] });
    }
    change([...files, ...added]);
  };
  return (
    <section aria-label={t('files')} className="flex flex-col gap-3">
      <p className="font-medium">{t('files')}</p>
      <p className="text-text-muted text-sm">{t('filesText', { limit: bytes(maxFileBytes) })}</p>
      {files.length > 0 && (
        <ul className="flex flex-col gap-3">
          {files.map((file, index) => (
            // Paths are typed here, so only the place tells one row from another.
            // oxlint-disable-next-line react/no-array-index-key
            <li key={index}>
              <FileRow
                file={file}
                twice={files.filter(({ path }) => path === file.path).length > 1}
                onChange={(next) => change(files.map((each, i) => (i === index ? next : each)))}
                onRemove={() => change(files.filter((_, i) => i !== index))}
              />
            </li>
          ))}
        </ul>
      )}
      <DropZone
        compact
        label={t('filesDrop')}
        hint={t('filesHint', { limit: bytes(maxFileBytes), count: maxFiles })}
        onFiles={(dropped) => void add(dropped)}
        disabledReason={image?.cloudInit === false ? t('filesNoSeed', { image: image.name }) : undefined}
      />
      <div aria-live="polite" className="empty:hidden">
        {left.length > 0 && (
          <Notice tone="warning" title={t('filesLeft', { names: left.join(', '), count: left.length })}>
            {t('filesLeftText', { limit: bytes(maxFileBytes), count: maxFiles })}
          </Notice>
        )}
      </div>
      {files.length > 0 && <Progress label={t('filesUsed')} value={used} max={maxFileBytes} bytes />}
    </section>
  );
}

function FileRow({
  file,
  twice,
  onChange,
  onRemove,
}: {
  file: FormFile;
  twice: boolean;
  onChange: (file: FormFile) => void;
  onRemove: () => void;
}) {
  const t = useTranslations('workbench');
  const bytes = useByteSize();
  const wrong = seedFile.shape.path.safeParse(file.path).success ? undefined : t('create.filePathRule');
  const error = wrong ?? (twice ? t('errors.filesTwice') : undefined);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-3 sm:grid-cols-[minmax(0,1fr)_12rem_auto]">
      <Field
        label={t('create.filePath')}
        hint={<span className="tabular">{bytes(byteLength(file.contentBase64))}</span>}
        error={error}
        className="col-span-2 sm:col-span-1"
      >
        <Input
          mono
          autoComplete="off"
          spellCheck={false}
          value={file.path}
          onChange={(event) => onChange({ ...file, path: event.target.value })}
        />
      </Field>
      <Field label={t('create.fileMode')}>
        <Select
          value={file.mode ?? modes[0]}
          options={modes.map((mode) => ({ value: mode, label: t(`create.fileModes.${mode}`) }))}
          onChange={(event) => onChange({ ...file, mode: event.target.value })}
        />
      </Field>
      <span className="pt-7">
        <IconButton
          label={t('create.removeFile', { path: file.path })}
          icon={<Trash2 />}
          onClick={onRemove}
        />
      </span>
    </div>
  );
}

/** Everybody reads it, everybody runs it, only root reads it. */
const modes = ['0644', '0755', '0600'] as const;

/** Takes files in their order as long as they fit; a smaller one behind one that does not may still fit. */
function thoseThatFit(files: readonly File[], room: { bytes: number; count: number }) {
  const fitting: File[] = [];
  const over: File[] = [];
  let free = room.bytes;
  for (const file of files) {
    if (file.size <= free && fitting.length < room.count) {
      free -= file.size;
      fitting.push(file);
    } else over.push(file);
  }
  return { fitting, over };
}

/** A path that every guest has the folder of. Home folders are made only after the files are written. */
function freePath(name: string, taken: readonly string[]): string {
  const clean = name.replaceAll(/[\p{Cc}"\\/]+/gu, '-');
  for (let count = 1; ; count++) {
    const path = `/opt/${count === 1 ? '' : `${count}-`}${clean}`;
    if (!taken.includes(path)) return path;
  }
}
