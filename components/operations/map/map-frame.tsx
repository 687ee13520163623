'use client';

import { Globe2, Minus, Plus, Scan } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useId, useRef, type ReactNode } from 'react';
import { classNames } from '../../ui/class-names';
import { IconButton } from '../../ui/icon-button';
import { Kbd } from '../../ui/kbd';
import { useMapView, zoomStep } from './use-map-view';
import { toSheet, type Box, type Point, type View } from './view';
import { World } from './world';

/** What a map's content needs to place itself, and to move the map. */
export interface MapScene {
  view: View;
  box: Box;
  /** Undefined: to where the map began. */
  goTo: (view: View | undefined) => void;
}

/**
 * A map of the world that is moved by pointer, fingers and keys.
 *
 * @param fit what it begins with, and goes back to
 * @param small it has no room for more than plus and minus
 * @param onPress a place was pressed, in units of the sheet
 * @param children what stands on the map
 * @param over what lies over it, unmoved
 */
export function MapFrame({
  label,
  fit,
  small = false,
  onPress,
  children,
  over,
}: {
  label: string;
  fit: View;
  small?: boolean;
  onPress?: (point: Point) => void;
  children: (scene: MapScene) => ReactNode;
  over?: ReactNode;
}) {
  const t = useTranslations('edgePages.map');
  const hint = useId();
  const element = useRef<HTMLDivElement>(null);
  const { view, box, moving, plainWheel, zoomBy, goTo, showWorld, handlers } = useMapView(
    element,
    fit,
    (at) => {
      if (box) onPress?.(toSheet(at, view, box));
    },
  );
  return (
    <div className="border-border bg-surface-sunken relative isolate h-full overflow-hidden rounded-xl border">
      <div
        ref={element}
        tabIndex={0}
        role="group"
        aria-label={label}
        aria-describedby={hint}
        className={classNames(
          'absolute inset-0 touch-pan-x touch-pan-y focus-visible:-outline-offset-2',
          moving ? 'cursor-grabbing' : onPress ? 'cursor-crosshair' : 'cursor-grab',
        )}
        {...handlers}
      >
        {box && <World view={view} box={box} />}
        {box && children({ view, box, goTo })}
      </div>
      <p id={hint} className="sr-only">
        {t('keys')}
      </p>
      <div className="border-border bg-surface shadow-raised absolute top-3 right-3 flex flex-col rounded-lg border p-0.5">
        <IconButton size="sm" label={t('nearer')} icon={<Plus />} onClick={() => zoomBy(zoomStep)} />
        <IconButton size="sm" label={t('farther')} icon={<Minus />} onClick={() => zoomBy(1 / zoomStep)} />
        {!small && (
          <>
            <IconButton size="sm" label={t('fit')} icon={<Scan />} onClick={() => goTo(undefined)} />
            <IconButton size="sm" label={t('world')} icon={<Globe2 />} onClick={showWorld} />
          </>
        )}
      </div>
      <p
        aria-hidden
        className={classNames(
          'bg-surface-raised text-text-muted shadow-raised pointer-events-none absolute top-3 left-3 rounded-md px-2 py-1 text-xs transition-opacity',
          plainWheel ? 'opacity-100' : 'opacity-0',
        )}
      >
        <Kbd keys="mod" /> {t('wheel')}
      </p>
      {over}
    </div>
  );
}
