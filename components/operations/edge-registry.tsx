'use client';

import { Container, Pencil } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { EdgeView } from '@/server/operations/edges/schemas';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { KeyValueList } from '../ui/key-value';
import { EditEdgeRegistryDialog } from './edit-edge-registry-dialog';

/** The registry that an edge pulls from, when it has one of its own. */
export function EdgeRegistryCard({ edge, mayConfigure }: { edge: EdgeView; mayConfigure: boolean }) {
  const t = useTranslations('edgePages.registry');
  const [editing, setEditing] = useState(false);
  const { registry } = edge;
  return (
    <Card
      title={t('title')}
      actions={
        <Button
          size="sm"
          variant="ghost"
          icon={<Pencil />}
          disabledReason={mayConfigure ? undefined : t('adminsOnly')}
          onClick={() => setEditing(true)}
        >
          {t(registry ? 'edit' : 'set')}
        </Button>
      }
    >
      {registry ? (
        <KeyValueList
          items={[
            {
              label: t('address'),
              value: (
                <span className="inline-flex flex-wrap items-center gap-2">
                  <code className="font-mono text-xs break-all">{registry.url}</code>
                  {registry.url.startsWith('http:') && <Badge tone="warning">{t('plain')}</Badge>}
                </span>
              ),
            },
            {
              label: t('prefix'),
              value:
                registry.prefix === '' ? null : <code className="font-mono text-xs">{registry.prefix}</code>,
            },
            { label: t('pushesAs'), value: registry.user ?? t('nobody') },
            { label: t('pullsAs'), value: registry.pullUser ?? t('same') },
          ]}
        />
      ) : (
        <p className="text-text-muted flex gap-2 text-pretty">
          <Container aria-hidden className="mt-0.5 size-4 shrink-0" />
          {t('none')}
        </p>
      )}
      {editing && <EditEdgeRegistryDialog edge={edge} onClose={() => setEditing(false)} />}
    </Card>
  );
}
