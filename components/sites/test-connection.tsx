'use client';

import { useMutation } from '@tanstack/react-query';
import { PlugZap } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useFormContext } from 'react-hook-form';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { ErrorState } from '../ui/error-state';
import { Spinner } from '../ui/spinner';
import { Lights } from './lights';
import { loginOf, type SiteForm } from './site-form';

/** A test of what stands in the form, kept with what was tested so that a later change is seen. */
export function useConnectionTest(siteId: string | undefined) {
  const trpc = useTRPC();
  const examine = useMutation(trpc.sites.examine.mutationOptions());
  return {
    run: (values: SiteForm) =>
      examine.mutate({ kind: 'openstack', ...(siteId && { siteId }), ...loginOf(values) }),
    busy: examine.isPending,
    error: examine.error,
    lights: examine.data,
    /** Whether these very values were tested, and nothing failed. */
    passed: (values: SiteForm) =>
      examine.data !== undefined &&
      examine.data.every(({ state }) => state === 'ok' || state === 'warn') &&
      examine.variables !== undefined &&
      sameLogin(examine.variables, values),
    /** Whether these very values were tested, and something failed. */
    failed: (values: SiteForm) =>
      examine.data?.some(({ state }) => state === 'failed') === true &&
      examine.variables !== undefined &&
      sameLogin(examine.variables, values),
    stale: (values: SiteForm) => examine.variables !== undefined && !sameLogin(examine.variables, values),
  };
}
export type ConnectionTest = ReturnType<typeof useConnectionTest>;

function sameLogin(tested: { config: unknown; secret?: string | undefined }, values: SiteForm): boolean {
  const now = loginOf(values);
  return JSON.stringify(tested.config) === JSON.stringify(now.config) && tested.secret === now.secret;
}

/** Tries what stands in the form, and shows how far it came. */
export function TestConnection({ test }: { test: ConnectionTest }) {
  const t = useTranslations('adminSites.test');
  const name = useTranslations('adminSites.lights');
  const { getValues, setValue, trigger, watch } = useFormContext<SiteForm>();
  const values = watch();
  // A test needs no name.
  const run = async () => {
    if (await trigger(['config', 'secret'], { shouldFocus: true })) test.run(getValues());
  };
  const trust = (pem: string) => {
    setValue('config.ca', pem, { shouldDirty: true });
    setValue('config.insecure', false, { shouldDirty: true });
    void run();
  };
  const failed = test.lights?.find(({ state }) => state === 'failed');
  return (
    <Card title={t('title')} description={t('text')}>
      <div className="flex flex-col gap-4">
        <div>
          <Button icon={<PlugZap />} busy={test.busy} onClick={() => void run()}>
            {test.lights ? t('again') : t('run')}
          </Button>
        </div>
        <div aria-live="polite" className="flex flex-col gap-3 empty:hidden">
          {test.busy && <Spinner label={t('running')} />}
          {test.error !== null && !test.busy && <ErrorState compact problem={problemOf(test.error)} />}
          {test.lights && !test.busy && (
            <p className="text-sm font-medium">
              {failed
                ? t('failedAt', { light: name(`names.${failed.light}`) })
                : test.passed(values)
                  ? t('passed')
                  : test.stale(values)
                    ? t('stale')
                    : t('passed')}
            </p>
          )}
        </div>
        {test.lights && !test.busy && <Lights lights={test.lights} onTrust={trust} />}
      </div>
    </Card>
  );
}
