import { checkCertificate } from '../client-certificate';
import type { SiteKindDefinition } from '../site-kind';
import { openEdgeyardSite } from './edgeyard-site';
import { examineEdgeyard } from './examine';
import { edgeyardLogin, type EdgeyardLogin } from './login';

/** Other Edgeyards as a kind of site that administrators can add. */
export function edgeyardKind(): SiteKindDefinition<EdgeyardLogin> {
  return {
    schema: edgeyardLogin,
    check({ ca }) {
      if (ca.trim() !== '') checkCertificate(ca);
    },
    needsSecret: () => true,
    addressOf: ({ url }) => url,
    // Other authorities would let somebody else answer in its name.
    mayReuseSecret: (stored, wanted) => stored.url === wanted.url && stored.ca === wanted.ca,
    open: (id, name, login, secret) => openEdgeyardSite({ id, name, access: { login, secret } }),
    examine: (login, secret, signal) => examineEdgeyard({ login, secret }, signal),
  };
}
