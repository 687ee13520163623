'use client';

import { useTranslations } from 'next-intl';
import { useState, type ReactNode } from 'react';
import type { ProblemReport } from '@/server/problem';
import { Button } from './button';
import { Dialog } from './dialog';
import { ErrorState } from './error-state';
import { Field } from './field';
import { Input } from './input';

export interface ConfirmDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  children?: ReactNode;
  /** What will be gone, by name. */
  losses?: string[];
  confirmLabel: string;
  cancelLabel?: string;
  tone?: 'danger' | 'primary';
  /** A word to be typed first, for what cannot be brought back: usually the thing's name. */
  typeToConfirm?: string;
  /** Runs on yes; the dialog stays, busy, until it is done, and stays with the Problem when it throws. */
  onConfirm: () => Promise<void> | void;
  /** Reads the Problem out of what `onConfirm` threw. */
  problemOf?: (error: unknown) => ProblemReport;
  /** As of `Dialog`. */
  returnFocus?: (() => HTMLElement | null) | undefined;
}

/** Asks before something is lost. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const [state, setState] = useState<Asked>(fresh);
  const change = (open: boolean) => {
    setState(fresh);
    props.onOpenChange(open);
  };
  const confirm = async () => {
    setState({ ...state, busy: true, problem: undefined });
    try {
      await props.onConfirm();
      change(false);
    } catch (error) {
      setState({ ...state, busy: false, problem: props.problemOf?.(error) ?? unexpected });
    }
  };
  return (
    <Question
      {...props}
      {...state}
      type={(typed) => setState({ ...state, typed })}
      change={change}
      confirm={() => void confirm()}
    />
  );
}

interface Asked {
  busy: boolean;
  typed: string;
  problem: ProblemReport | undefined;
}

const fresh: Asked = { busy: false, typed: '', problem: undefined };
const unexpected: ProblemReport = { code: 'failed', key: 'problems.unexpected', params: {} };

interface QuestionProps extends ConfirmDialogProps, Asked {
  type: (typed: string) => void;
  change: (open: boolean) => void;
  confirm: () => void;
}

function Question(props: QuestionProps) {
  const { tone = 'danger', typeToConfirm, busy, typed, confirm } = props;
  const t = useTranslations('ui');
  const missing = typeToConfirm !== undefined && typed.trim() !== typeToConfirm;
  return (
    <Dialog
      open={props.open}
      onOpenChange={props.change}
      title={props.title}
      size="sm"
      locked={busy}
      returnFocus={props.returnFocus}
      footer={
        <>
          <Button onClick={() => props.change(false)} disabled={busy}>
            {props.cancelLabel ?? t('cancel')}
          </Button>
          <Button
            variant={tone}
            busy={busy}
            onClick={confirm}
            disabledReason={missing ? t('typeToConfirm', { text: typeToConfirm }) : undefined}
          >
            {props.confirmLabel}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {props.children}
        {props.losses !== undefined && props.losses.length > 0 && <Losses losses={props.losses} />}
        {typeToConfirm !== undefined && (
          <Field label={t('typeToConfirm', { text: typeToConfirm })}>
            <Input
              mono
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              value={typed}
              onChange={(event) => props.type(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && !missing && !busy) confirm();
              }}
            />
          </Field>
        )}
        {props.problem !== undefined && <ErrorState problem={props.problem} compact />}
      </div>
    </Dialog>
  );
}

function Losses({ losses }: { losses: string[] }) {
  const t = useTranslations('ui');
  return (
    <div className="border-danger-line bg-danger-soft rounded-lg border px-3.5 py-3">
      <p className="font-medium">{t('lost')}</p>
      <ul className="marker:text-danger mt-1 list-disc space-y-0.5 pl-5">
        {losses.map((loss) => (
          <li key={loss}>{loss}</li>
        ))}
      </ul>
    </div>
  );
}
