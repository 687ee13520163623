'use client';

import { useTranslations } from 'next-intl';
import { useRef, useState } from 'react';
import { Button } from '../ui/button';
import { Checkbox } from '../ui/checkbox';
import { Dialog } from '../ui/dialog';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { Progress } from '../ui/progress';
import { Select } from '../ui/select';
import { Textarea } from '../ui/textarea';
import { keyPresses, layoutNames, type LayoutName } from './key-layouts';
import { typeKeys, type Keyboard } from './type-text';

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  keyboard: Keyboard;
  /** Called when all is typed: the focus belongs to the console again. */
  onDone: () => void;
}

/** Milliseconds between two keys; boot loaders and login prompts lose keys that come faster. */
const speeds = { fast: 8, normal: 30, slow: 120 } as const;
type Speed = keyof typeof speeds;

/** Types a text into the guest key by key: works before there is a system, a network or a clipboard. */
export function TypeTextDialog({ open, onOpenChange, keyboard, onDone }: Props) {
  const t = useTranslations('console.typeText');
  const [text, setText] = useState('');
  const [hidden, setHidden] = useState(false);
  const [layout, setLayout] = useState<LayoutName>('us');
  const [speed, setSpeed] = useState<Speed>('normal');
  const [typed, setTyped] = useState<number>();
  const abort = useRef<AbortController>(undefined);
  const { presses, untypable } = keyPresses(text, layout);

  const type = async () => {
    abort.current = new AbortController();
    setTyped(0);
    try {
      await typeKeys(keyboard, presses, speeds[speed], abort.current.signal, setTyped);
      setText('');
      onOpenChange(false);
      onDone();
    } catch (error) {
      if (!abort.current.signal.aborted) throw error;
    } finally {
      setTyped(undefined);
    }
  };
  const error = untypable.length > 0 ? t('untypable', { characters: untypable.join(' ') }) : undefined;
  const reason = text === '' ? t('empty') : error;

  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      locked={typed !== undefined}
      title={t('title')}
      description={t('description')}
      footer={
        typed === undefined ? (
          <Button
            variant="primary"
            {...(reason === undefined ? {} : { disabledReason: reason })}
            onClick={() => {
              void type();
            }}
          >
            {t('type')}
          </Button>
        ) : (
          <Button
            onClick={() => {
              abort.current?.abort();
            }}
          >
            {t('stop')}
          </Button>
        )
      }
    >
      <div className="flex flex-col gap-4">
        <Field label={t('text')} {...(error === undefined ? {} : { error })}>
          {hidden ? (
            <Input
              type="password"
              autoComplete="off"
              value={text}
              onChange={(event) => {
                setText(event.target.value);
              }}
            />
          ) : (
            <Textarea
              mono
              rows={5}
              value={text}
              onChange={(event) => {
                setText(event.target.value);
              }}
            />
          )}
        </Field>
        <Checkbox
          label={t('hide')}
          checked={hidden}
          onChange={(event) => {
            setHidden(event.target.checked);
          }}
        />
        <div className="grid grid-cols-2 gap-4">
          <Field label={t('layout')} hint={t('layoutHint')}>
            <Select
              value={layout}
              onChange={(event) => {
                setLayout(event.target.value as LayoutName);
              }}
              options={layoutNames.map((name) => ({ value: name, label: t(`layouts.${name}`) }))}
            />
          </Field>
          <Field label={t('speed')}>
            <Select
              value={speed}
              onChange={(event) => {
                setSpeed(event.target.value as Speed);
              }}
              options={(Object.keys(speeds) as Speed[]).map((name) => ({
                value: name,
                label: t(`speeds.${name}`),
              }))}
            />
          </Field>
        </div>
        {typed === undefined ? null : <Progress label={t('typing')} value={typed} max={presses.length} />}
      </div>
    </Dialog>
  );
}
