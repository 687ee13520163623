'use client';

import { CircleStop, PlugZap } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useFormContext } from 'react-hook-form';
import { cloudLights } from '@/server/sites/schemas';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { Lights } from '../lights/lights';
import { ErrorState } from '../ui/error-state';
import type { SiteForm } from './site-form';
import type { ConnectionTest } from './use-connection-test';

/** Tries what stands in the form, and shows how far it comes while it goes. */
export function TestConnection({ test }: { test: ConnectionTest }) {
  const t = useTranslations('adminSites.test');
  const { getValues, setValue, trigger } = useFormContext<SiteForm>();
  // A test needs no name.
  const run = async () => {
    if (await trigger(['config', 'secret'], { shouldFocus: true })) test.run(getValues());
  };
  const trust = (pem: string) => {
    setValue('config.ca', pem, { shouldDirty: true });
    setValue('config.insecure', false, { shouldDirty: true });
    void run();
  };
  return (
    <Card title={t('title')} description={t('text')}>
      <div className="flex flex-col gap-4">
        <div className="flex flex-wrap gap-3">
          <Button icon={<PlugZap />} busy={test.busy} onClick={() => void run()}>
            {test.lights ? t('again') : t('run')}
          </Button>
          {test.busy && (
            <Button variant="ghost" icon={<CircleStop />} onClick={test.cancel}>
              {t('cancel')}
            </Button>
          )}
        </div>
        <div aria-live="polite" className="flex flex-col gap-3 empty:hidden">
          {test.problem && <ErrorState compact problem={test.problem} />}
          <Outcome test={test} />
        </div>
        {test.lights && (test.busy || test.lights.length > 0) && (
          <Lights lights={test.lights} expected={cloudLights} running={test.busy} onTrust={trust} />
        )}
      </div>
    </Card>
  );
}

/** How the test stands, in one line. */
function Outcome({ test }: { test: ConnectionTest }) {
  const t = useTranslations('adminSites.test');
  const name = useTranslations('adminSites.lights.names');
  const { watch } = useFormContext<SiteForm>();
  const values = watch();
  if (!test.lights || test.problem) return null;
  const failed = test.lights.find(({ state }) => state === 'failed');
  const words = failed
    ? t('failedAt', { light: name(failed.light) })
    : test.busy
      ? t('running')
      : test.cancelled
        ? t('cancelled')
        : test.stale(values)
          ? t('stale')
          : t('passed');
  return <p className="text-sm font-medium">{words}</p>;
}
