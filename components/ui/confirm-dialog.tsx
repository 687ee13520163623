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
}

/** Asks before something is lost. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const [state, setState] = useState<{ busy: boolean; problem?: ProblemReport }>({ busy: false });
  const change = (open: boolean) => {
    setState({ busy: false });
    props.onOpenChange(open);
  };
  const confirm = async () => {
    setState({ busy: true });
    try {
      await props.onConfirm();
      change(false);
    } catch (error) {
      setState({ busy: false, problem: props.problemOf?.(error) ?? unexpected });
    }
  };
  return (
    <Question
      {...props}
      busy={state.busy}
      problem={state.problem}
      change={change}
      confirm={() => void confirm()}
    />
  );
}

const unexpected: ProblemReport = { code: 'failed', key: 'problems.unexpected', params: {} };

interface QuestionProps extends ConfirmDialogProps {
  busy: boolean;
  problem: ProblemReport | undefined;
  change: (open: boolean) => void;
  confirm: () => void;
}

function Question({ tone = 'danger', typeToConfirm, busy, change, confirm, ...props }: QuestionProps) {
  const t = useTranslations('ui');
  const [typed, setTyped] = useState('');
  const missing = typeToConfirm !== undefined && typed.trim() !== typeToConfirm;
  const close = (open: boolean) => {
    setTyped('');
    change(open);
  };
  return (
    <Dialog
      open={props.open}
      onOpenChange={close}
      title={props.title}
      size="sm"
      locked={busy}
      footer={
        <>
          <Button onClick={() => close(false)} disabled={busy}>
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
              onChange={(event) => setTyped(event.target.value)}
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
