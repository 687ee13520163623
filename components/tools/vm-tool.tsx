'use client';

import { useMutation } from '@tanstack/react-query';
import { Download, RotateCw } from 'lucide-react';
import { useLocale, useTranslations } from 'next-intl';
import { useId, useState } from 'react';
import { toast } from 'sonner';
import type { VmToolView } from '@/server/workbench/guest/tools';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { JobLog } from '../jobs/job-log';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { useProblemText } from '../ui/error-state';
import { StatusDot } from '../ui/status-dot';
import type { Tone } from '../ui/tone';

const tones: Record<VmToolView['state'], Tone> = {
  available: 'neutral',
  chosen: 'accent',
  installing: 'accent',
  installed: 'success',
  failed: 'danger',
  cancelled: 'neutral',
};

interface Props {
  vmId: string;
  tool: VmToolView;
  /** Why nothing can be installed now. */
  refusal: string | undefined;
  /** Id of the part of the page that shows what helps. */
  wayId: string | undefined;
}

/** One tool in one VM. */
export function VmTool({ vmId, tool, refusal, wayId }: Props) {
  const t = useTranslations('tools');
  const locale = useLocale();
  const problemText = useProblemText();
  const logId = useId();
  const [showLog, setShowLog] = useState(false);
  const name = locale === 'zh' ? tool.nameZh : tool.nameEn;
  const busy = tool.state === 'chosen' || tool.state === 'installing';
  const outdated = tool.installedVersion !== undefined && tool.installedVersion !== tool.version;
  return (
    <li className="border-border bg-surface shadow-card rounded-lg border p-4">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-3">
        <div className="min-w-0 grow basis-64 space-y-1">
          <h3 className="flex flex-wrap items-center gap-2 font-medium">
            {name} <Badge>{tool.installedVersion ?? tool.version}</Badge>
          </h3>
          <p className="text-text-muted">{locale === 'zh' ? tool.descriptionZh : tool.descriptionEn}</p>
          <StatusDot tone={tones[tool.state]} label={t(`states.${tool.state}`)} busy={busy} />
          {outdated && (
            <p className="text-text-muted text-[0.8125rem]">{t('newer', { version: tool.version })}</p>
          )}
          {tool.state === 'failed' && tool.error && (
            <div className="text-danger">
              <p>{problemText(tool.error)}</p>
              {tool.error.detail !== undefined && (
                <pre className="mt-1 font-mono text-[0.8125rem] whitespace-pre-wrap">{tool.error.detail}</pre>
              )}
            </div>
          )}
        </div>
        <div className="flex flex-wrap gap-2">
          {tool.jobId !== undefined && (
            <Button
              size="sm"
              variant="ghost"
              aria-expanded={showLog}
              aria-controls={logId}
              onClick={() => setShowLog(!showLog)}
            >
              {showLog ? t('hideLog') : t('showLog')}
            </Button>
          )}
          <ToolButton vmId={vmId} tool={tool} name={name} refusal={refusal} wayId={wayId} />
        </div>
      </div>
      <div
        id={logId}
        role="region"
        aria-label={t('logNamed', { name })}
        className={showLog ? 'mt-3' : 'hidden'}
      >
        {showLog && tool.jobId !== undefined && <JobLog jobId={tool.jobId} over={!busy} />}
      </div>
    </li>
  );
}

function ToolButton({ vmId, tool, name, refusal, wayId }: Props & { name: string }) {
  const t = useTranslations('tools');
  const trpc = useTRPC();
  const problemText = useProblemText();
  const onError = (error: unknown) => {
    toast.error(problemText(problemOf(error)));
  };
  const install = useMutation(trpc.tools.install.mutationOptions({ onError }));
  const retry = useMutation(trpc.jobs.retry.mutationOptions({ onError }));
  const cancel = useMutation(trpc.jobs.cancel.mutationOptions({ onError }));
  const { jobId, state, toolId } = tool;
  if ((state === 'chosen' || state === 'installing') && jobId !== undefined)
    return (
      <Button size="sm" busy={cancel.isPending} onClick={() => cancel.mutate({ id: jobId })}>
        {t('cancel')}
      </Button>
    );
  const disabled =
    refusal === undefined
      ? {}
      : {
          disabledReason: refusal,
          ...(wayId !== undefined && { reasonAction: <WayLink wayId={wayId} /> }),
        };
  if ((state === 'failed' || state === 'cancelled') && jobId !== undefined)
    return (
      <Button
        size="sm"
        icon={<RotateCw />}
        busy={retry.isPending}
        {...disabled}
        onClick={() => retry.mutate({ id: jobId })}
      >
        {t('retry')}
      </Button>
    );
  const again = state === 'installed';
  return (
    <Button
      size="sm"
      variant={again ? 'secondary' : 'primary'}
      icon={again ? <RotateCw /> : <Download />}
      aria-label={again ? undefined : t('installNamed', { name })}
      busy={install.isPending}
      {...disabled}
      onClick={() => install.mutate({ vmId, toolId })}
    >
      {again ? t('again') : t('install')}
    </Button>
  );
}

/** Leads to the part of the page that shows the way to the guest, and what mends it. */
function WayLink({ wayId }: { wayId: string }) {
  const t = useTranslations('tools');
  const show = () => {
    const way = document.getElementById(wayId);
    way?.scrollIntoView({ block: 'center' });
    way?.focus();
  };
  return (
    <Button size="sm" onClick={show}>
      {t('showWay')}
    </Button>
  );
}
