'use client';

import { useQuery } from '@tanstack/react-query';
import { memo } from 'react';
import { fineFrom, globe, shapes } from './shapes';
import { pixelsPerUnit, type Box, type View } from './view';

const { rim, lines } = globe();

/** The world behind the markers. Finer coasts are fetched when somebody goes near. */
export function World({ view, box }: { view: View; box: Box }) {
  const near = view.scale >= fineFrom;
  const coarse = useQuery(shapesQuery('coarse', true));
  const fine = useQuery(shapesQuery('fine', near));
  const drawn = (near ? fine.data : undefined) ?? coarse.data;
  const unit = pixelsPerUnit(view, box);
  const shift = `translate(${box.width / 2 - view.x * unit} ${box.height / 2 - view.y * unit}) scale(${unit})`;
  return (
    <svg
      aria-hidden
      width={box.width}
      height={box.height}
      viewBox={`0 0 ${box.width} ${box.height}`}
      className="absolute inset-0 select-none"
    >
      <g transform={shift} strokeLinejoin="round">
        <Globe />
        {drawn && <Land land={drawn.land} borders={drawn.borders} />}
      </g>
    </svg>
  );
}

function shapesQuery(detail: 'coarse' | 'fine', enabled: boolean) {
  return {
    queryKey: ['map-shapes', detail],
    queryFn: () => shapes(detail),
    enabled,
    staleTime: Infinity,
    gcTime: Infinity,
  };
}

const line = { fill: 'none', vectorEffect: 'non-scaling-stroke' } as const;

const Globe = memo(function Globe() {
  return (
    <>
      <path d={rim} className="stroke-border fill-none" vectorEffect="non-scaling-stroke" />
      <path d={lines} className="stroke-border" strokeWidth={0.5} {...line} />
    </>
  );
});

/** Apart from the moving group, so that a drag draws nothing anew. */
const Land = memo(function Land({ land, borders }: { land: string; borders: string }) {
  return (
    <>
      <path
        d={land}
        className="fill-surface stroke-border-strong"
        strokeWidth={0.75}
        vectorEffect="non-scaling-stroke"
      />
      <path d={borders} className="stroke-border" strokeWidth={0.75} {...line} />
    </>
  );
});
