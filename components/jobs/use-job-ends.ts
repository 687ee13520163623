'use client';

import { useEffect, useRef } from 'react';
import type { JobView } from '@/server/api/job-view';
import { isActive } from './use-job';

/**
 * Calls back for every job that was seen running and now is over.
 *
 * @param jobs the newest jobs, or undefined while they are not known
 */
export function useJobEnds(jobs: readonly JobView[] | undefined, onEnd: (job: JobView) => void): void {
  const seenActive = useRef(new Set<string>());
  const tell = useRef(onEnd);
  useEffect(() => {
    tell.current = onEnd;
  });
  useEffect(() => {
    for (const job of jobs ?? []) {
      if (isActive(job)) seenActive.current.add(job.id);
      else if (seenActive.current.delete(job.id)) tell.current(job);
    }
  }, [jobs]);
}

/**
 * Puts the number of running jobs before the page's title, so that a tab in the background tells when they are done.
 *
 * @param label the title with the number, made of the page's own title
 */
export function useTitleBadge(count: number, label: (title: string) => string): void {
  const say = useRef(label);
  useEffect(() => {
    say.current = label;
  });
  useEffect(() => {
    if (count === 0) return undefined;
    let own = document.title;
    const put = () => {
      // Pages change the title as one goes on; only our own text is not a new one.
      if (document.title !== say.current(own)) {
        own = document.title;
        document.title = say.current(own);
      }
    };
    put();
    const observer = new MutationObserver(put);
    observer.observe(document.head, { childList: true, subtree: true, characterData: true });
    return () => {
      observer.disconnect();
      if (document.title === say.current(own)) document.title = own;
    };
  }, [count]);
}
