'use client';

import { RefreshCw } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { CopyButton } from '../ui/copy-button';
import { ErrorState } from '../ui/error-state';
import { Select } from '../ui/select';
import { StatusDot } from '../ui/status-dot';
import { useLogLines, type ReadLog } from './use-log-lines';
import type { WorkloadPart } from './workload-parts';

/** A container whose output is read. */
export interface LogSource {
  part: string;
  container: string;
}

/**
 * The output of one container: the last lines, and those that follow.
 *
 * @param read begins to read a container; memoise it, a new function reads anew
 * @param refusal why nothing can be read now
 */
export function WorkloadLogs({
  parts,
  source,
  onSource,
  read,
  refusal,
}: {
  parts: readonly WorkloadPart[];
  source: LogSource | undefined;
  onSource: (source: LogSource) => void;
  read: ReadLog;
  refusal: string | undefined;
}) {
  const t = useTranslations('workloadParts');
  const [round, setRound] = useState(0);
  const { lines, following, problem } = useLogLines(read, refusal === undefined ? source : undefined, round);
  const sources = parts.flatMap((part) =>
    part.containers.map((container) => ({ part: part.name, container: container.name })),
  );
  return (
    <Card
      title={t('logs')}
      actions={
        source !== undefined &&
        refusal === undefined && (
          <span className="flex items-center gap-2">
            <StatusDot
              tone={following ? 'success' : 'neutral'}
              label={t(following ? 'following' : 'ended')}
            />
            {!following && (
              <Button size="sm" variant="ghost" icon={<RefreshCw />} onClick={() => setRound(round + 1)}>
                {t('readAgain')}
              </Button>
            )}
            <CopyButton text={lines.join('\n')} label={t('logs')} size="sm" />
          </span>
        )
      }
    >
      <div className="flex flex-col gap-3">
        {refusal !== undefined && <p className="text-text-muted">{refusal}</p>}
        {refusal === undefined && sources.length === 0 && <p className="text-text-muted">{t('noLogsYet')}</p>}
        {refusal === undefined && sources.length > 0 && (
          <Select
            aria-label={t('logsOf')}
            placeholder={t('chooseLogs')}
            value={source === undefined ? '' : keyOf(source)}
            options={sources.map((each) => ({ value: keyOf(each), label: keyOf(each) }))}
            onChange={(event) => {
              const found = sources.find((each) => keyOf(each) === event.target.value);
              if (found) onSource(found);
            }}
          />
        )}
        {problem && <ErrorState problem={problem} onRetry={() => setRound(round + 1)} compact />}
        {source !== undefined && refusal === undefined && <Lines lines={lines} />}
      </div>
    </Card>
  );
}

const keyOf = ({ part, container }: LogSource) => `${part} / ${container}`;

function Lines({ lines }: { lines: readonly string[] }) {
  const t = useTranslations('workloadParts');
  const box = useRef<HTMLPreElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    // Who scrolled up reads something: new lines must not take it away.
    if (box.current && atEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);
  return (
    <pre
      ref={box}
      // A box that scrolls must be reachable by keyboard (WCAG 2.1.1).
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      role="log"
      aria-label={t('logs')}
      className="bg-terminal text-terminal-text h-80 overflow-auto rounded-lg p-3 font-mono text-xs leading-relaxed break-words whitespace-pre-wrap"
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < 24;
      }}
    >
      {lines.length === 0 ? t('noLines') : lines.join('\n')}
    </pre>
  );
}
