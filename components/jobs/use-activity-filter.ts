'use client';

import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import type { JobState } from '@/server/jobs/job';
import { jobStateSchema } from '@/server/jobs/schemas';
import { activeStates } from './use-job';

/** What the activity page shows; `active` stands for all states in which there is work to do. */
export interface ActivityFilter {
  state: JobState | 'active' | undefined;
  states: JobState[] | undefined;
  kind: string | undefined;
  mine: boolean;
}

/** The filter of the activity page. It stands in the address, so that a link shows the same list. */
export function useActivityFilter() {
  const params = useSearchParams();
  const router = useRouter();
  const path = usePathname();
  const asked = params.get('state');
  const state = asked === 'active' ? asked : jobStateSchema.safeParse(asked).data;
  const filter: ActivityFilter = {
    state,
    states: state === undefined ? undefined : state === 'active' ? [...activeStates] : [state],
    kind: params.get('kind') ?? undefined,
    mine: params.get('mine') === '1',
  };
  const go = (next: URLSearchParams) => {
    router.replace(next.size === 0 ? path : `${path}?${next}`, { scroll: false });
  };
  return {
    filter,
    filtered: state !== undefined || filter.kind !== undefined || filter.mine,
    set: (name: 'state' | 'kind' | 'mine', value: string) => {
      const next = new URLSearchParams(params);
      if (value === '') next.delete(name);
      else next.set(name, value);
      go(next);
    },
    clear: () => go(new URLSearchParams()),
  };
}
