'use client';

import { useTranslations } from 'next-intl';
import { registryLightNames } from '@/server/registries/schemas';
import { TestCard } from '../lights/test-card';
import type { RegistryForm } from './registry-form';
import type { RegistryTest } from './use-registry-test';

/**
 * Tries a registry.
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
    <TestCard
      text={t('text')}
      passed={t('passed')}
      test={test}
      expected={registryLightNames}
      stale={test.stale(values)}
      onRun={onRun}
      onTrust={onTrust}
      disabledReason={disabledReason}
    />
  );
}
