'use client';

import { MonitorOff, RotateCw, Unplug } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import { gate, type VmState } from '@/server/workbench/vm-gates';
import { Button } from '../ui/button';
import { useProblemText } from '../ui/error-state';
import { Spinner } from '../ui/spinner';
import type { ConnectionState } from './connection';

interface Props {
  connection: ConnectionState;
  /** State of the VM itself: a stopped one has no picture, however good the connection. */
  state: VmState;
  onRetry: () => void;
}

/** Says over the picture why there is none. Nothing while the picture is live. */
export function ConsoleStatus({ connection, state, onRetry }: Props) {
  const t = useTranslations('console.status');
  const root = useTranslations();
  const textOf = useProblemText();
  if (connection.kind === 'open')
    return (
      <p role="status" className="sr-only">
        {t('open')}
      </p>
    );
  const refusal = gate('console', state);
  const problem = 'problem' in connection ? connection.problem : undefined;
  return (
    <div
      role="status"
      className="bg-terminal/80 text-terminal-text absolute inset-0 grid place-items-center p-6 text-center"
    >
      <div className="flex max-w-md flex-col items-center gap-3">
        <StatusIcon kind={connection.kind} />
        {problem && <p>{textOf(problem)}</p>}
        <p>
          {connection.kind === 'idle' && !refusal.allowed ? (
            root(refusal.key)
          ) : connection.kind === 'lost' ? (
            <RetryIn at={connection.retryAt} attempt={connection.attempt} text={problem ? 'again' : 'lost'} />
          ) : (
            t(connection.kind)
          )}
        </p>
        {connection.kind === 'lost' || connection.kind === 'failed' ? (
          <Button icon={<RotateCw />} onClick={onRetry}>
            {t('tryNow')}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

function StatusIcon({ kind }: { kind: ConnectionState['kind'] }) {
  if (kind === 'connecting') return <Spinner className="size-6" />;
  if (kind === 'idle') return <MonitorOff aria-hidden className="size-8 opacity-70" />;
  return <Unplug aria-hidden className="size-8 opacity-70" />;
}

function RetryIn({ at, attempt, text }: { at: number; attempt: number; text: 'lost' | 'again' }) {
  const t = useTranslations('console.status');
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
    }, 500);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return t(text, { attempt, seconds: Math.max(0, Math.ceil((at - now) / 1000)) });
}
