'use client';

import { CircleDashed, CircleCheck } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { TextCheck } from '@/server/containers/schemas';
import { Badge } from '../ui/badge';
import { Digest } from '../ui/digest';
import { ErrorState } from '../ui/error-state';
import { TextLink } from '../ui/link-button';
import { Notice } from '../ui/notice';

/** What a test deployment makes: each object of the text, and each image by digest. */
export function RunPlan({
  check,
  projectId,
  title,
}: {
  check: TextCheck;
  projectId: string;
  /** "What is made" when absent. */
  title?: string;
}) {
  const t = useTranslations('containerPages.newRun');
  const errors = check.findings.filter(({ severity }) => severity === 'error').length;
  const missing = check.images.filter(({ image }) => image === null).length;
  const page = `/projects/${projectId}/deployment`;
  if (check.notRendered) return <ErrorState problem={check.notRendered} title={t('notRendered')} compact />;
  return (
    <section className="flex flex-col gap-3" aria-label={title ?? t('plan')}>
      <h3 className="font-medium">{title ?? t('plan')}</h3>
      {(errors > 0 || missing > 0) && (
        <Notice tone="danger" action={<TextLink href={page}>{t('toText')}</TextLink>}>
          {errors > 0 ? t('hasErrors', { errors }) : t('missingText', { count: missing })}
        </Notice>
      )}
      <ul className="flex flex-wrap gap-x-4 gap-y-1.5">
        {check.objects.map(({ kind, name }, index) => (
          // A wrong text may hold the same object twice.
          <li key={`${index} ${kind}/${name}`} className="flex items-center gap-1.5">
            <Badge>{kind}</Badge>
            <span className="font-mono text-[0.8125rem] break-all">{name}</span>
          </li>
        ))}
      </ul>
      <ul className="flex flex-col gap-1.5">
        {check.images.map(({ reference, image }) => (
          <li key={reference} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            {image === null ? (
              <CircleDashed aria-hidden className="text-warning size-4 shrink-0" />
            ) : (
              <CircleCheck aria-hidden className="text-success size-4 shrink-0" />
            )}
            <span className="font-mono text-[0.8125rem] break-all">{reference}</span>
            {image === null ? (
              <span className="text-warning text-sm">{t('notHeld')}</span>
            ) : (
              <Digest value={image.digest} />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
