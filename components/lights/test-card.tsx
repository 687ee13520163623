'use client';

import { CircleStop, PlugZap } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import type { RegistryLight, RegistryLightName } from '@/server/registries/schemas';
import type { ProblemReport } from '@/server/problem';
import type { Light as SiteLight, LightName as SiteLightName } from '@/server/sites/schemas';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { ErrorState } from '../ui/error-state';
import { Lights } from './lights';

/** How a test of a connection stands, as `useLights` tells it. */
interface Test {
  busy: boolean;
  cancelled: boolean;
  problem: ProblemReport | undefined;
  lights: readonly (SiteLight | RegistryLight)[] | undefined;
  cancel: () => void;
}

/**
 * Tries a connection, and shows how far it comes while it goes.
 *
 * @param text what the test does
 * @param passed said when all of it went well
 * @param expected all that such a test looks at, in order
 * @param stale whether the form was changed since the test
 * @param onTrust takes the certificate that the other side showed into the form; absent where it cannot be changed
 */
export function TestCard({
  text,
  passed,
  test,
  expected,
  stale,
  onRun,
  onTrust,
  disabledReason,
  children,
}: {
  text: string;
  passed: string;
  test: Test;
  expected: readonly (SiteLightName | RegistryLightName)[];
  stale: boolean;
  onRun: () => void;
  onTrust?: ((pem: string) => void) | undefined;
  disabledReason?: string | undefined;
  /** What follows from the lights. */
  children?: ReactNode;
}) {
  const t = useTranslations('adminSites.test');
  const { busy, lights, problem } = test;
  const outcome = useOutcome(test, stale, passed);
  return (
    <Card title={t('title')} description={text}>
      <div className="flex flex-col gap-4">
        <div className="flex flex-wrap gap-3">
          <Button icon={<PlugZap />} busy={busy} disabledReason={disabledReason} onClick={onRun}>
            {t(lights ? 'again' : 'run')}
          </Button>
          {busy && (
            <Button variant="ghost" icon={<CircleStop />} onClick={test.cancel}>
              {t('cancel')}
            </Button>
          )}
        </div>
        <div aria-live="polite" className="flex flex-col gap-3 empty:hidden">
          {problem && <ErrorState compact problem={problem} />}
          {outcome !== undefined && <p className="text-sm font-medium">{outcome}</p>}
        </div>
        {lights && (busy || lights.length > 0) && (
          <Lights lights={lights} expected={expected} running={busy} {...(onTrust && { onTrust })} />
        )}
        {children}
      </div>
    </Card>
  );
}

/** How the test stands, in one line. */
function useOutcome({ lights, problem, busy, cancelled }: Test, stale: boolean, passed: string) {
  const t = useTranslations('adminSites.test');
  const name = useTranslations('adminSites.lights.names');
  if (!lights || problem) return undefined;
  const failed = lights.find(({ state }) => state === 'failed');
  if (failed) return t('failedAt', { light: name(failed.light) });
  if (busy) return t('running');
  if (cancelled) return t('cancelled');
  return stale ? t('stale') : passed;
}
