'use client';

import { KeyRound } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { ReleasePlan } from '@/server/operations/deployments/schemas';
import { Badge } from '../ui/badge';
import { Card } from '../ui/card';
import { TemplateCard } from './template-card';

/** What will be made: each thing by kind and name, secrets by name alone, and the text that says so. */
export function ReleasePreview({
  plan: { creates, secrets, template },
  fileName,
}: {
  plan: Pick<ReleasePlan, 'creates' | 'secrets' | 'template'>;
  fileName: string;
}) {
  const t = useTranslations('deploymentPages.preview');
  return (
    <>
      <Card title={t('creates')} description={t('createsText', { count: creates.length })}>
        <ul className="flex flex-wrap gap-x-5 gap-y-2">
          {creates.map((thing) => (
            <Thing key={thing} thing={thing} />
          ))}
        </ul>
        {secrets.length > 0 && (
          <div className="border-border mt-4 border-t pt-4">
            <h3 className="font-medium">{t('secrets')}</h3>
            <p className="text-text-muted text-[0.8125rem]">{t('secretsText')}</p>
            <ul className="mt-2 flex flex-wrap gap-2">
              {secrets.map((name) => (
                <li key={name}>
                  <Badge icon={<KeyRound />}>{name}</Badge>
                </li>
              ))}
            </ul>
          </div>
        )}
      </Card>
      {template !== '' && <TemplateCard text={template} fileName={fileName} />}
    </>
  );
}

/** `Deployment/web`: what it is and what it is called. */
function Thing({ thing }: { thing: string }) {
  const cut = thing.indexOf('/');
  return (
    <li className="flex min-w-0 items-center gap-1.5">
      {cut > 0 && <Badge>{thing.slice(0, cut)}</Badge>}
      <span className="font-mono text-[0.8125rem] break-all">{thing.slice(cut + 1)}</span>
    </li>
  );
}
