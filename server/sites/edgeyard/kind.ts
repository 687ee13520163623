import { X509Certificate } from 'node:crypto';
import { Problem } from '../../problem';
import type { SiteKindDefinition } from '../site-kind';
import { openEdgeyardSite } from './edgeyard-site';
import { examineEdgeyard } from './examine';
import { edgeyardLogin, type EdgeyardLogin } from './login';

/** Other Edgeyards as a kind of site that administrators can add. */
export function edgeyardKind(): SiteKindDefinition<EdgeyardLogin> {
  return {
    schema: edgeyardLogin,
    check: ({ ca }) => checkCertificates(ca),
    needsSecret: () => true,
    addressOf: ({ url }) => url,
    // Other authorities would let somebody else answer in its name.
    mayReuseSecret: (stored, wanted) => stored.url === wanted.url && stored.ca === wanted.ca,
    open: (id, name, login, secret) => openEdgeyardSite({ id, name, access: { login, secret } }),
    examine: (login, secret, signal) => examineEdgeyard({ login, secret }, signal),
  };
}

/** @throws Problem `invalid` for a text that is no certificate */
function checkCertificates(ca: string): void {
  if (ca.trim() === '') return;
  try {
    void new X509Certificate(ca);
  } catch (error) {
    const detail = error instanceof Error ? error.message : '';
    throw new Problem('invalid', 'sites.errors.badCertificate', { number: 1 }, { detail });
  }
}
