'use client';

import { useTranslations } from 'next-intl';
import { useMemo, useState, type ComponentProps, type ReactNode } from 'react';
import { useTextOf } from '../i18n/use-text-of';
import { Checkbox } from '../ui/checkbox';
import { Matrix, type MatrixProps } from '../ui/matrix';
import type { MatrixHead } from '../ui/matrix-model';
import { Legend } from './legend';

interface Edge {
  id: string;
  name: string;
  kind: string;
}
interface Release {
  id: string;
  name: string;
  version: string;
}

/**
 * Edges down, releases across: a plan, or a run of one.
 *
 * @param props `open`: ids of the edges that lack something; `markOf`: what must be seen about an edge as a whole
 */
export function ReleaseMatrix<E extends Edge, R extends Release>({
  of,
  edges,
  releases,
  open,
  markOf,
  cell,
  entries,
  renderDetail,
}: {
  of: 'plan' | 'run';
  edges: readonly E[];
  releases: readonly R[];
  open: ReadonlySet<string>;
  markOf?: (edge: E) => MatrixHead['mark'];
  cell: MatrixProps['cell'];
  entries: ComponentProps<typeof Legend>['entries'];
  renderDetail: (edge: E | undefined, release: R | undefined, close: () => void) => ReactNode;
}) {
  const t = useTranslations('distributionPages');
  // A run keeps the kinds that its edges had, also those that are no more.
  const kindText = useTextOf('adminSites.kinds');
  const [only, setOnly] = useState(false);
  const rows = useMemo<MatrixHead[]>(
    () =>
      edges
        .filter(({ id }) => !only || open.has(id))
        .map((edge) => {
          const mark = markOf?.(edge);
          return {
            id: edge.id,
            name: edge.name,
            note: kindText(edge.kind) ?? edge.kind,
            ...(mark && { mark }),
          };
        }),
    [edges, open, only, markOf, kindText],
  );
  const columns = useMemo<MatrixHead[]>(
    () => releases.map(({ id, name, version }) => ({ id, name, note: version })),
    [releases],
  );
  return (
    <Matrix
      label={t(`${of}.matrix`)}
      corner={t(`${of}.corner`, { edges: rows.length, releases: columns.length })}
      rows={rows}
      columns={columns}
      cell={cell}
      renderDetail={(edgeId, releaseId, close) =>
        renderDetail(
          edges.find(({ id }) => id === edgeId),
          releases.find(({ id }) => id === releaseId),
          close,
        )
      }
      tools={
        <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
          <Legend label={t(`${of}.legend`)} entries={entries} />
          <Checkbox
            label={t(`${of}.onlyOpen`)}
            checked={only}
            onChange={(event) => setOnly(event.target.checked)}
          />
        </div>
      }
    />
  );
}
