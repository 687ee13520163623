'use client';

import { useTranslations } from 'next-intl';
import { useFormContext } from 'react-hook-form';
import { cloudLights } from '@/server/sites/schemas';
import { TestCard } from '../lights/test-card';
import type { SiteForm } from './site-form';
import type { ConnectionTest } from './use-connection-test';

/** Tries the cloud that stands in the form. */
export function TestConnection({ test }: { test: ConnectionTest }) {
  const t = useTranslations('adminSites.test');
  const { getValues, setValue, trigger, watch } = useFormContext<SiteForm>();
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
    <TestCard
      text={t('text')}
      passed={t('passed')}
      test={test}
      expected={cloudLights}
      stale={test.stale(watch())}
      onRun={() => void run()}
      onTrust={trust}
    />
  );
}
