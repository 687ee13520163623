'use client';

import { MonitorOff, MonitorPause } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useEffect, useRef, useState } from 'react';
import type { VmState } from '@/server/workbench/vm-gates';
import { classNames } from '../ui/class-names';

/** A picture is asked for anew after so long, while somebody can see it. */
const refreshMs = 8000;

/**
 * A picture of a VM's screen for lists. It is taken by the site, never by a second viewer, and only while the picture
 * is in view and the tab is in front.
 */
export function VmScreen({
  vmId,
  name,
  state,
  available,
  className,
}: {
  vmId: string;
  name: string;
  state: VmState;
  available: boolean;
  className?: string;
}) {
  const t = useTranslations('workbench.vm');
  const box = useRef<HTMLDivElement>(null);
  const tick = useTicks(box, available);
  const [loaded, setLoaded] = useState<string>();
  const wanted = available && tick > 0 ? `/api/v1/vms/${vmId}/screen?t=${tick}` : undefined;
  const Off = state === 'paused' ? MonitorPause : MonitorOff;
  return (
    <div
      ref={box}
      className={classNames(
        'bg-terminal border-border relative grid aspect-[4/3] w-full place-items-center overflow-hidden rounded-lg border',
        className,
      )}
    >
      {available && loaded !== undefined ? (
        // The last picture stays until the next has come: no flicker. It comes from our own API behind a session.
        // oxlint-disable-next-line nextjs/no-img-element
        <img src={loaded} alt={t('screenOf', { name })} className="size-full object-contain" />
      ) : (
        <Off aria-hidden className="text-terminal-muted size-8" />
      )}
      {wanted !== undefined && wanted !== loaded && (
        // oxlint-disable-next-line nextjs/no-img-element
        <img src={wanted} alt="" hidden onLoad={() => setLoaded(wanted)} />
      )}
    </div>
  );
}

/** Counts up while the element is in view and the tab in front; 0 until it first was. */
function useTicks(box: React.RefObject<HTMLElement | null>, on: boolean): number {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    const element = box.current;
    if (!on || !element) return undefined;
    let inView = false;
    const next = () => {
      if (inView && document.visibilityState === 'visible') setTick(Date.now());
    };
    const observer = new IntersectionObserver(([entry]) => {
      inView = entry?.isIntersecting ?? false;
      next();
    });
    observer.observe(element);
    const timer = setInterval(next, refreshMs);
    return () => {
      observer.disconnect();
      clearInterval(timer);
    };
  }, [box, on]);
  return tick;
}
