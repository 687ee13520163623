'use client';

import { useRef } from 'react';

/**
 * Brings the keyboard back to where it was when a dialog or drawer closes. Radix does so only for a layer with its own
 * trigger element; ours are mostly opened by a state.
 *
 * @param elsewhere asked at the close: where the keyboard goes instead; nothing for where it was
 * @returns handlers for the layer's content
 */
export function useReturnFocus(elsewhere?: () => HTMLElement | null): {
  onOpenAutoFocus: () => void;
  onCloseAutoFocus: (event: Event) => void;
} {
  const origin = useRef<HTMLElement>(null);
  return {
    onOpenAutoFocus: () => {
      origin.current = originOf(document.activeElement);
    },
    onCloseAutoFocus: (event) => {
      event.preventDefault();
      const target = elsewhere?.() ?? origin.current;
      if (target?.isConnected === true) target.focus({ preventScroll: true });
    },
  };
}

/** A menu's item is gone when the layer closes; the button that opened the menu is still there. */
function originOf(element: Element | null): HTMLElement | null {
  const menu = element?.closest<HTMLElement>('[data-menu-of]');
  const origin =
    menu === null || menu === undefined ? element : document.getElementById(menu.dataset['menuOf'] ?? '');
  return origin instanceof HTMLElement ? origin : null;
}
