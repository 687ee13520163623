'use client';

import type { Light } from '@/server/sites/schemas';
import { useTRPCClient } from '../api/trpc-provider';
import { useLights } from '../lights/use-lights';
import { loginOf, type SiteForm } from './site-form';

/**
 * A test of the site that stands in the form.
 *
 * @param siteId the site whose stored secret stands in for an empty one; undefined for a new site
 */
export function useConnectionTest(siteId: string | undefined) {
  const client = useTRPCClient();
  return useLights<SiteForm, Light>(
    (values, signal) =>
      client.sites.examine.mutate(
        { kind: 'openstack', ...(siteId !== undefined && { siteId }), ...loginOf(values) },
        { signal, context: { streamed: true } },
      ),
    (values) => JSON.stringify(loginOf(values)),
  );
}
export type ConnectionTest = ReturnType<typeof useConnectionTest>;
