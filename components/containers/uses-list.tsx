'use client';

import { useTranslations } from 'next-intl';
import type { ContainerUse } from '@/server/containers/schemas';
import { TextLink } from '../ui/link-button';

/** What uses a container image, each with the way to it. */
export function UsesList({ uses }: { uses: readonly ContainerUse[] }) {
  const t = useTranslations('containerPages.detail');
  if (uses.length === 0) return <p className="text-text-muted">{t('notUsed')}</p>;
  return (
    <div className="flex flex-col gap-1">
      <p className="text-text-muted text-sm">{t('usedBy')}</p>
      <ul className="flex list-disc flex-col gap-1 pl-5">
        {uses.map(({ kind, id, name, href }) => (
          <li key={`${kind} ${id}`}>
            {href === null ? (
              t(`uses.${kind}`, { name })
            ) : (
              <TextLink href={href}>{t(`uses.${kind}`, { name })}</TextLink>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
