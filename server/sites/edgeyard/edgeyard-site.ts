import { z } from 'zod';
import { openEdgeyardApi, type EdgeyardApi } from '../../edgeyards/api';
import { isProblem, Problem } from '../../problem';
import type { StackSite } from '../site';
import { localSite } from './examine';
import type { EdgeyardAccess } from './login';
import { asOffers, offersThere } from './offers-there';
import { remoteDisks } from './remote-disks';
import { remoteStacks } from './remote-stacks';

export interface EdgeyardSiteOptions {
  id: string;
  name: string;
  access: EdgeyardAccess;
}

type Trouble = Problem | undefined;

/** Another Edgeyard as a place for whole packages: it keeps their disks and VMs on the site of its own machine. */
export function openEdgeyardSite({ id, name, access }: EdgeyardSiteOptions): StackSite {
  const listeners = new Set<(trouble: Trouble) => void>();
  let last: Trouble;
  const tell = (trouble: Trouble) => {
    if (last?.key === trouble?.key) return;
    last = trouble;
    for (const listener of listeners) listener(trouble);
  };
  const api = toldOf(openEdgeyardApi({ ...access.login, token: access.secret }), tell);

  return {
    id,
    kind: 'edgeyard',
    name,
    offers: async ({ signal }) =>
      asOffers(await api.ask({ path: `/api/v1/sites/${localSite}/offers`, schema: offersThere, signal })),
    stacks: remoteStacks(api),
    diskCache: remoteDisks(api),
    async open() {
      const schema = z.object({ role: z.string() });
      const { role } = await api.ask({ path: '/api/v1/me', schema });
      if (role === 'guest') throw new Problem('invalid', 'edgeyards.errors.tokenRefused', { at: api.at });
    },
    async close() {
      listeners.clear();
      await api.close();
    },
    onTrouble: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Every answer, whatever it says, is a sign of life; what kept one from coming is the site's trouble. */
function toldOf(api: EdgeyardApi, tell: (trouble: Trouble) => void): EdgeyardApi {
  const told = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      const got = await answer;
      tell(undefined);
      return got;
    } catch (error) {
      const refused = isProblem(error) && error.key === 'edgeyards.errors.tokenRefused';
      if (isProblem(error) && (error.code === 'unavailable' || refused)) tell(error);
      else if (isProblem(error)) tell(undefined);
      throw error;
    }
  };
  return {
    ...api,
    ask: (question) => told(api.ask(question)),
    find: (question) => told(api.find(question)),
  };
}
