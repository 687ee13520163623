'use client';

import { CircleStop, PlugZap } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { registryLightNames } from '@/server/registries/schemas';
import { Lights } from '../lights/lights';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { ErrorState } from '../ui/error-state';
import type { RegistryForm } from './registry-form';
import type { RegistryTest } from './use-registry-test';

/**
 * Tries a registry, and shows how far it comes while it goes.
 *
 * @param values what stands in the form now; undefined where the registry is only looked at
 * @param onTrust takes a certificate into the form; absent where it cannot be changed
 */
export function TestRegistry({
  test,
  values,
  onRun,
  onTrust,
  disabledReason,
}: {
  test: RegistryTest;
  values?: RegistryForm | undefined;
  onRun: () => void;
  onTrust?: (pem: string) => void;
  disabledReason?: string | undefined;
}) {
  const t = useTranslations('adminRegistries.test');
  return (
    <Card title={t('title')} description={t('text')}>
      <div className="flex flex-col gap-4">
        <div className="flex flex-wrap gap-3">
          <Button icon={<PlugZap />} busy={test.busy} disabledReason={disabledReason} onClick={onRun}>
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
          <Outcome test={test} values={values} />
        </div>
        {test.lights && (test.busy || test.lights.length > 0) && (
          <Lights
            lights={test.lights}
            expected={registryLightNames}
            running={test.busy}
            {...(onTrust && { onTrust })}
          />
        )}
      </div>
    </Card>
  );
}

/** How the test stands, in one line. */
function Outcome({ test, values }: { test: RegistryTest; values: RegistryForm | undefined }) {
  const t = useTranslations('adminRegistries.test');
  const name = useTranslations('adminSites.lights.names');
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
