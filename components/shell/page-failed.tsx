'use client';

import { TriangleAlert } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { Button } from '../ui/button';
import { EmptyState } from '../ui/empty-state';
import { PageHeader } from '../ui/page-header';

/**
 * What a page shows when drawing it failed.
 *
 * @param props `reference`: the number under which the server's log has the error; `retry`: draws the page again
 */
export function PageFailed({ reference, retry }: { reference: string | undefined; retry: () => void }) {
  const t = useTranslations('shell.error');
  return (
    <>
      <PageHeader title={t('title')} />
      <EmptyState
        icon={<TriangleAlert />}
        title={t('text')}
        action={
          <Button variant="primary" onClick={retry}>
            {t('retry')}
          </Button>
        }
      >
        {reference === undefined ? null : `${t('reference')}: ${reference}`}
      </EmptyState>
    </>
  );
}
