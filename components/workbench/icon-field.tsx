'use client';

import { ImageUp, Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useId, useRef, useState, type ChangeEvent } from 'react';
import { iconTypes, maxIconBytes, type IconInput } from '@/server/workbench/schemas';
import { base64Of } from '../ui/base64-of';
import { Button } from '../ui/button';
import { Thumbnail } from '../ui/thumbnail';

/** An icon as the form holds it: a new file, none (`null`), or the one that is there (`undefined`). */
export type IconValue = IconInput | null | undefined;

/** Chooses a project's icon, and shows it at once. */
export function IconField({
  name,
  current,
  value,
  onChange,
}: {
  /** The project's name, from which a picture is made while there is no icon. */
  name: string;
  /** Address of the icon that is stored. */
  current: string | undefined;
  value: IconValue;
  onChange: (icon: IconValue) => void;
}) {
  const t = useTranslations('workbench.form');
  const input = useRef<HTMLInputElement>(null);
  const ids = { label: useId(), hint: useId(), error: useId() };
  const [error, setError] = useState<string>();
  const src = value === null ? undefined : value ? `data:${value.type};base64,${value.data}` : current;

  const choose = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    // The same file can be chosen again after it was corrected.
    event.target.value = '';
    if (!file) return;
    const type = iconTypes.find((each) => each === file.type);
    if (!type) return setError(t('iconKinds'));
    if (file.size > maxIconBytes) return setError(t('iconTooLarge', { limit: maxIconBytes / 1024 }));
    setError(undefined);
    onChange({ type, data: await base64Of(file) });
  };

  return (
    <div
      className="flex flex-col gap-1.5"
      role="group"
      aria-labelledby={ids.label}
      aria-describedby={ids.hint}
    >
      <span id={ids.label} className="font-medium">
        {t('icon')}
      </span>
      <div className="flex flex-wrap items-center gap-4">
        <Thumbnail src={src} alt={t('iconPreview')} seed={name || '?'} ratio="square" size="lg" />
        <div className="flex flex-col items-start gap-2">
          <input
            ref={input}
            type="file"
            accept={iconTypes.join(',')}
            className="sr-only"
            tabIndex={-1}
            aria-label={t('icon')}
            onChange={(event) => void choose(event)}
          />
          <div className="flex flex-wrap gap-2">
            <Button icon={<ImageUp />} onClick={() => input.current?.click()}>
              {t('iconChoose')}
            </Button>
            {src !== undefined && (
              <Button
                variant="ghost"
                icon={<Trash2 />}
                onClick={() => onChange(current === undefined ? undefined : null)}
              >
                {t('iconRemove')}
              </Button>
            )}
          </div>
          <p id={ids.hint} className="text-text-muted text-[0.8125rem]">
            {t('iconHint', { limit: maxIconBytes / 1024 })}
          </p>
          {error !== undefined && (
            <p id={ids.error} role="alert" className="text-danger text-[0.8125rem]">
              {error}
            </p>
          )}
        </div>
      </div>
    </div>
  );
}
