'use client';

import { KeyRound } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useFormContext, useWatch } from 'react-hook-form';
import {
  dockerLights,
  edgeyardLights,
  kubernetesLights,
  type Light,
  type LightName,
} from '@/server/sites/schemas';
import { useTRPCClient } from '../api/trpc-provider';
import { TestCard } from '../lights/test-card';
import { useLights } from '../lights/use-lights';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { workloadLoginOf, type WorkloadForm } from './workload-form';

/**
 * A test of the site that stands in the form.
 *
 * @param siteId the site whose stored secret stands in for an empty one; undefined for a new site
 */
export function useWorkloadTest(siteId: string | undefined) {
  const client = useTRPCClient();
  return useLights<WorkloadForm, Light>(
    (values, signal) =>
      client.sites.examine.mutate(
        { ...workloadLoginOf(values), ...(siteId !== undefined && { siteId }) },
        { signal, context: { streamed: true } },
      ),
    (values) => JSON.stringify(workloadLoginOf(values)),
  );
}

/** Tries what stands in the form, and shows how far it comes while it goes. */
export function WorkloadTest({ test }: { test: ReturnType<typeof useWorkloadTest> }) {
  const t = useTranslations('adminSites.test');
  const own = useTranslations('workloadSites.form');
  const { control, getValues, setValue, trigger, watch } = useFormContext<WorkloadForm>();
  const [kind, endpoint, hostKey] = useWatch({
    control,
    name: ['kind', 'docker.endpoint', 'docker.hostKey'],
  });
  // A test needs no name.
  const run = async () => {
    if (await trigger([kind, 'secret'], { shouldFocus: true })) test.run(getValues());
  };
  const trust = (pem: string) => {
    setValue(`${kind}.ca`, pem, { shouldDirty: true });
    if (kind !== 'edgeyard') setValue(`${kind}.insecure`, false, { shouldDirty: true });
    void run();
  };
  const shown = test.lights?.find((light) => light.hostKey !== undefined)?.hostKey;
  const takeKey = (key: string) => {
    setValue('docker.hostKey', key, { shouldDirty: true });
    void run();
  };
  return (
    <TestCard
      text={own('testText')}
      passed={t('passed')}
      test={test}
      expected={kind === 'docker' ? dockerLightsOf(endpoint) : expected[kind]}
      stale={test.stale(watch())}
      onRun={() => void run()}
      onTrust={trust}
    >
      {shown !== undefined && shown !== hostKey && (
        <Notice
          tone="warning"
          title={own('keyShown')}
          action={
            <Button size="sm" icon={<KeyRound />} onClick={() => takeKey(shown)}>
              {own('takeKey')}
            </Button>
          }
        >
          <p>{own('keyShownText')}</p>
          <p className="mt-1 font-mono text-xs break-all">{shown}</p>
        </Notice>
      )}
    </TestCard>
  );
}

const expected = { kubernetes: kubernetesLights, edgeyard: edgeyardLights };

/** What a test of a Docker host looks at depends on the way to it. */
function dockerLightsOf(endpoint: string): readonly LightName[] {
  const ways: Record<string, readonly LightName[]> = {
    unix: ['socket'],
    tcp: ['dns', 'tcp', 'tls'],
    ssh: ['dns', 'tcp', 'ssh'],
  };
  const way = ways[endpoint.split(':')[0] ?? ''] ?? [];
  const last = dockerLights.filter((light) => ['version', 'containers', 'images', 'disk'].includes(light));
  return [...way, ...last];
}
