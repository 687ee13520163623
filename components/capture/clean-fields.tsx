'use client';

import { useTranslations } from 'next-intl';
import { useEffect, useRef, useState } from 'react';
import { useFormContext, useWatch } from 'react-hook-form';
import {
  cleanItems,
  needsFirstStart,
  type CaptureDoctor,
  type CaptureInput,
  type CleanItem,
} from '@/server/workbench/capture-schemas';
import type { VmView } from '@/server/workbench/model';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Checkbox } from '../ui/checkbox';
import { CodeBlock } from '../ui/code-block';
import { useProblemText } from '../ui/error-state';
import { Fieldset } from '../ui/field';
import { Notice } from '../ui/notice';
import { Spinner } from '../ui/spinner';
import type { Tone } from '../ui/tone';
import { ReachPanel } from '../vms/reach-panel';

type Light = CaptureDoctor['lights'][number];

const tones: Record<Light['state'], Tone> = { found: 'warning', clean: 'success', unknown: 'neutral' };

/**
 * What a clean image needs, a light and a choice for each, and the very commands that will run.
 *
 * @param doctor undefined while the guest is being looked at
 */
export function CleanFields({ vm, doctor }: { vm: VmView; doctor: CaptureDoctor | undefined }) {
  const t = useTranslations('images.capture');
  const { control, setValue } = useFormContext<CaptureInput>();
  const [mode, clean] = useWatch({ control, name: ['mode', 'clean'] });
  const refusal = doctor && refusalOf(doctor, mode);
  const chosen = refusal === undefined ? clean : [];

  // Everything is the choice until a person chooses, or nothing where nothing can be cleaned; that may change meanwhile.
  const byHand = useRef(false);
  useEffect(() => {
    if (refusal !== undefined) setValue('clean', []);
    else if (!byHand.current) setValue('clean', [...cleanItems]);
  }, [refusal, setValue]);

  const toggle = (item: CleanItem, on: boolean) => {
    byHand.current = true;
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
    <Fieldset legend={t('clean')} hint={t('cleanText')}>
      {doctor === undefined && <Spinner label={t('examining')} />}
      {doctor && refusal === 'cleanNoWay' && <NoWay vm={vm} noWay={doctor.noWay} />}
      {refusal !== undefined && refusal !== 'cleanNoWay' && <Notice>{t(refusal)}</Notice>}
      {doctor && refusal !== 'cleanNoWay' && (
        <ul className="flex flex-col gap-3">
          {doctor.lights.map((light) => (
            <li key={light.item}>
              <CleanChoice
                light={light}
                checked={chosen.includes(light.item)}
                onToggle={(on) => toggle(light.item, on)}
                // The note above says why, for all of them.
                disabled={refusal !== undefined}
                disabledReason={
                  refusal === undefined &&
                  needsFirstStart.includes(light.item) &&
                  !chosen.includes('cloudInit')
                    ? t('needsFirstStart')
                    : undefined
                }
              />
            </li>
          ))}
        </ul>
      )}
      {doctor && chosen.length > 0 && (
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

function refusalOf(doctor: CaptureDoctor, mode: CaptureInput['mode']) {
  if (!doctor.running) return 'cleanNeedsRunning';
  if (doctor.way === null) return 'cleanNoWay';
  return mode === 'freeze' ? 'cleanNeedsStop' : undefined;
}

/** Why the guest cannot be cleaned, and on demand the ways that would change it. */
function NoWay({ vm, noWay }: { vm: VmView; noWay: CaptureDoctor['noWay'] }) {
  const t = useTranslations('images.capture');
  const problemText = useProblemText();
  const [ways, setWays] = useState(false);
  const offered = vm.capabilities.includes('reach');
  return (
    <>
      <Notice
        tone="warning"
        title={t('cleanNoWay')}
        action={
          offered &&
          !ways && (
            <Button size="sm" onClick={() => setWays(true)}>
              {t('showWays')}
            </Button>
          )
        }
      >
        {noWay && <p>{problemText({ code: 'unavailable', key: noWay.key, params: noWay.params })}</p>}
        <p>{t('cleanNoWayThen')}</p>
      </Notice>
      {ways && <ReachPanel vm={vm} anew={false} />}
    </>
  );
}

function CleanChoice({
  light,
  checked,
  onToggle,
  disabled,
  disabledReason,
}: {
  light: Light;
  checked: boolean;
  onToggle: (on: boolean) => void;
  disabled: boolean;
  disabledReason: string | undefined;
}) {
  const t = useTranslations('images.capture');
  return (
    <Checkbox
      checked={checked}
      disabled={disabled}
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
