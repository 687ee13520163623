'use client';

import { ImageUp, Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useId, useRef, useState, type ChangeEvent } from 'react';
import { iconTypes } from '@/server/store/schemas';
import { base64Of } from '../ui/base64-of';
import { Button } from '../ui/button';
import { Thumbnail } from '../ui/thumbnail';

const maxBytes = 256 * 1024;

export interface ChosenIcon {
  type: (typeof iconTypes)[number];
  base64: string;
}

/** Chooses an icon for the store, and shows it at once. */
export function PublishIcon({
  name,
  current,
  value,
  onChange,
}: {
  name: string;
  /** Address of the project's icon. */
  current: string | undefined;
  value: ChosenIcon | undefined;
  onChange: (icon: ChosenIcon | undefined) => void;
}) {
  const t = useTranslations('packages.publish');
  const input = useRef<HTMLInputElement>(null);
  const labelId = useId();
  const [error, setError] = useState<string>();

  const choose = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    // The same file can be chosen again after it was corrected.
    event.target.value = '';
    if (!file) return;
    const type = iconTypes.find((each) => each === file.type);
    if (!type) return setError(t('iconType'));
    if (file.size > maxBytes) return setError(t('iconTooLarge'));
    setError(undefined);
    onChange({ type, base64: await base64Of(file) });
  };

  return (
    <div role="group" aria-labelledby={labelId} className="flex flex-col gap-1.5">
      <span id={labelId} className="font-medium">
        {t('icon')}
      </span>
      <div className="flex items-start gap-4">
        <Thumbnail
          src={value ? `data:${value.type};base64,${value.base64}` : current}
          alt={t('iconPreview')}
          seed={name}
          ratio="square"
          size="md"
        />
        <input
          ref={input}
          type="file"
          accept={iconTypes.join(',')}
          className="sr-only"
          tabIndex={-1}
          aria-label={t('icon')}
          onChange={(event) => void choose(event)}
        />
        <div className="flex min-w-0 flex-col items-start gap-2">
          <div className="flex flex-wrap gap-2">
            <Button size="sm" icon={<ImageUp />} onClick={() => input.current?.click()}>
              {t('iconChoose')}
            </Button>
            {value && (
              <Button size="sm" variant="ghost" icon={<Trash2 />} onClick={() => onChange(undefined)}>
                {t('iconRemove')}
              </Button>
            )}
          </div>
          <p className="text-text-muted text-[0.8125rem]">{t('iconHint')}</p>
          {error !== undefined && (
            <p role="alert" className="text-danger text-[0.8125rem]">
              {error}
            </p>
          )}
        </div>
      </div>
    </div>
  );
}
