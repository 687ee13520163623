import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useMemo } from 'react';
import type { EdgeView } from '@/server/operations/edges/schemas';
import { usePaletteActions } from '../palette/actions';
import { labelsOf } from './edge-filter';

/** Offers to go to each of the edges, found by name, place and label. */
export function useEdgeActions(edges: readonly Pick<EdgeView, 'id' | 'name' | 'labels' | 'place'>[]): void {
  const t = useTranslations('edgePages.tabs');
  const router = useRouter();
  const actions = useMemo(
    () =>
      edges.map((edge) => ({
        id: `edge.${edge.id}`,
        label: edge.name,
        group: t('edges'),
        keywords: [...labelsOf(edge), edge.place?.address ?? ''],
        run: () => router.push(`/operations/edges/${edge.id}`),
      })),
    [edges, router, t],
  );
  usePaletteActions(actions);
}
