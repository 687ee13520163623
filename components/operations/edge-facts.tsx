'use client';

import { useTranslations } from 'next-intl';
import type { EdgeView } from '@/server/operations/edges/schemas';
import { useByteSize } from '../ui/byte-size';
import { Card } from '../ui/card';
import { KeyValueList } from '../ui/key-value';
import { RelativeTime } from '../ui/relative-time';

/** What is known of an edge, in words. */
export function EdgeFacts({ edge }: { edge: EdgeView }) {
  const t = useTranslations('edgePages.edge');
  const kinds = useTranslations('adminSites.kinds');
  const bytes = useByteSize();
  return (
    <Card title={t('facts')}>
      <KeyValueList
        items={[
          { label: t('kind'), value: kinds(edge.kind) },
          { label: t('runs'), value: t(`runsWhat.${edge.runs}`) },
          { label: t('lastCheck'), value: <RelativeTime at={edge.health.checkedAt} /> },
          { label: t('standsSince'), value: <RelativeTime at={edge.health.since} /> },
          {
            label: t('speed'),
            value: edge.speed === null ? null : t('perSecond', { size: bytes(edge.speed) }),
            hint: t('speedHint'),
          },
        ]}
      />
    </Card>
  );
}
