'use client';

import { useEffect, useState, type RefObject } from 'react';

export interface FullScreen {
  on: boolean;
  /** Whether the browser can do it for an element; phones often cannot. */
  possible: boolean;
  toggle: () => void;
}

/** Shows one element on the whole screen. */
export function useFullScreen(element: RefObject<HTMLElement | null>): FullScreen {
  const [on, setOn] = useState(false);
  const [possible, setPossible] = useState(false);
  useEffect(() => {
    setPossible(document.fullscreenEnabled);
    const listen = () => {
      setOn(document.fullscreenElement !== null && document.fullscreenElement === element.current);
    };
    document.addEventListener('fullscreenchange', listen);
    return () => {
      document.removeEventListener('fullscreenchange', listen);
    };
  }, [element]);
  const toggle = () => {
    const change = on ? document.exitFullscreen() : element.current?.requestFullscreen();
    // Refused, for example without a user gesture: the button simply does nothing then.
    change?.catch(() => undefined);
  };
  return { on, possible, toggle };
}
