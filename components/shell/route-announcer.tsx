'use client';

import { usePathname } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';

/**
 * Tells a screen reader that the page changed: a client-side navigation is otherwise silent. Says the new heading and
 * moves the focus there, as a full page load would move it to the top.
 */
export function RouteAnnouncer() {
  const path = usePathname();
  const first = useRef(true);
  const [said, setSaid] = useState('');
  useEffect(() => {
    // The first page is announced by the browser itself.
    if (first.current) {
      first.current = false;
      return;
    }
    const announce = (): boolean => {
      const heading = document.querySelector<HTMLElement>('main h1');
      if (!heading) return false;
      setSaid(heading.textContent);
      if (!document.activeElement || document.activeElement === document.body) {
        heading.tabIndex = -1;
        heading.focus({ preventScroll: true });
      }
      return true;
    };
    if (announce()) return;
    // The heading comes with the page's content, after its loading state.
    const observer = new MutationObserver(() => {
      if (announce()) observer.disconnect();
    });
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      observer.disconnect();
    };
  }, [path]);
  return (
    <div role="status" aria-live="polite" className="sr-only">
      {said}
    </div>
  );
}
