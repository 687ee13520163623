'use client';

import { useTranslations } from 'next-intl';
import { useEffect } from 'react';
import { useFormContext, useWatch } from 'react-hook-form';
import {
  cleanItems,
  needsFirstStart,
  type CaptureDoctor,
  type CaptureInput,
  type CleanItem,
} from '@/server/workbench/capture-schemas';
import { Badge } from '../ui/badge';
import { Checkbox } from '../ui/checkbox';
import { CodeBlock } from '../ui/code-block';
import { Fieldset } from '../ui/field';
import type { Tone } from '../ui/tone';

type Light = CaptureDoctor['lights'][number];

const tones: Record<Light['state'], Tone> = { found: 'warning', clean: 'success', unknown: 'neutral' };

/** What a clean image needs, a light and a choice for each, and the very commands that will run. */
export function CleanFields({ doctor }: { doctor: CaptureDoctor }) {
  const t = useTranslations('images.capture');
  const { control, setValue } = useFormContext<CaptureInput>();
  const [mode, clean] = useWatch({ control, name: ['mode', 'clean'] });
  const refusal = refusalOf(doctor, mode);
  const chosen = refusal === undefined ? clean : [];

  useEffect(() => {
    if (refusal !== undefined && clean.length > 0) setValue('clean', []);
  }, [refusal, clean, setValue]);

  const toggle = (item: CleanItem, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(item);
    else next.delete(item);
    // Without a first start nothing would make these keys anew, and nobody could log in.
    if (!next.has('cloudInit')) for (const each of needsFirstStart) next.delete(each);
    setValue(
      'clean',
      cleanItems.filter((each) => next.has(each)),
      { shouldDirty: true },
    );
  };
  return (
    <Fieldset legend={t('clean')} hint={refusal === undefined ? t('cleanText') : t(refusal)}>
      <ul className="flex flex-col gap-3">
        {doctor.lights.map((light) => (
          <li key={light.item}>
            <CleanChoice
              light={light}
              checked={chosen.includes(light.item)}
              onToggle={(on) => toggle(light.item, on)}
              disabledReason={
                refusal !== undefined
                  ? t(refusal)
                  : needsFirstStart.includes(light.item) && !chosen.includes('cloudInit')
                    ? t('needsFirstStart')
                    : undefined
              }
            />
          </li>
        ))}
      </ul>
      {chosen.length > 0 && (
        <CodeBlock
          label={t('commands')}
          language="sh"
          text={doctor.lights
            .filter(({ item }) => chosen.includes(item))
            .map(({ command }) => command)
            .join('\n')}
          wrap
          maxHeight="sm"
        />
      )}
    </Fieldset>
  );
}

function refusalOf(doctor: CaptureDoctor, mode: CaptureInput['mode']): string | undefined {
  if (!doctor.running) return 'cleanNeedsRunning';
  if (doctor.way === null) return 'cleanNoWay';
  return mode === 'freeze' ? 'cleanNeedsStop' : undefined;
}

function CleanChoice({
  light,
  checked,
  onToggle,
  disabledReason,
}: {
  light: Light;
  checked: boolean;
  onToggle: (on: boolean) => void;
  disabledReason: string | undefined;
}) {
  const t = useTranslations('images.capture');
  return (
    <Checkbox
      checked={checked}
      onChange={({ target }) => onToggle(target.checked)}
      label={
        <span className="inline-flex flex-wrap items-center gap-2">
          {t(`item.${light.item}`)}
          <Badge tone={tones[light.state]}>{t(`light.${light.state}`)}</Badge>
        </span>
      }
      hint={t(`itemText.${light.item}`)}
      {...(disabledReason !== undefined && { disabledReason })}
    />
  );
}
