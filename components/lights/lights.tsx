'use client';

import { CircleAlert, CircleCheck, CircleDashed, CircleMinus, TriangleAlert } from 'lucide-react';
import { useFormatter, useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import type { RegistryLight, RegistryLightName } from '@/server/registries/schemas';
import {
  cloudServices,
  type Light as SiteLight,
  type LightName as SiteLightName,
} from '@/server/sites/schemas';
import { Button } from '../ui/button';
import { classNames } from '../ui/class-names';
import { CopyButton } from '../ui/copy-button';
import { Duration } from '../ui/duration';
import { useProblemText } from '../ui/error-state';
import { KeyValueList } from '../ui/key-value';
import { DateTime } from '../ui/relative-time';
import { Spinner } from '../ui/spinner';

type Light = SiteLight | RegistryLight;
type LightName = SiteLightName | RegistryLightName;

const looks: Record<Light['state'], { icon: ReactNode; colour: string }> = {
  ok: { icon: <CircleCheck />, colour: 'text-success' },
  warn: { icon: <TriangleAlert />, colour: 'text-warning' },
  failed: { icon: <CircleAlert />, colour: 'text-danger' },
  skipped: { icon: <CircleMinus />, colour: 'text-text-subtle' },
};

/**
 * What a test of a connection found, hop by hop, in the order it was looked at.
 *
 * @param expected all that such a test looks at, in order
 * @param running whether more lights are to come; they are shown as what is looked at now and what is still to do
 * @param onTrust takes the certificate that the other side showed into the form; absent where it cannot be changed
 */
export function Lights({
  lights,
  expected,
  running,
  onTrust,
}: {
  lights: readonly Light[];
  expected: readonly LightName[];
  running: boolean;
  onTrust?: ((pem: string) => void) | undefined;
}) {
  const t = useTranslations('adminSites.lights');
  return (
    <ol aria-label={t('label')} className="border-border divide-border divide-y rounded-lg border">
      {folded(lights).map((row) =>
        row.length > 1 ? (
          <SkippedRow key={row[0]?.light} lights={row} />
        ) : (
          row.map((light) => <LightRow key={light.light} light={light} onTrust={onTrust} />)
        ),
      )}
      {running && toCome(lights, expected).map((each) => <ComingRow key={each.light} {...each} />)}
    </ol>
  );
}

/** The lights that are not on yet. The services of a cloud are looked at together, everything else in turn. */
function toCome(
  lights: readonly Light[],
  expected: readonly LightName[],
): { light: LightName; now: boolean }[] {
  const rest = expected.filter((name) => lights.every(({ light }) => light !== name));
  const [next] = rest;
  const together = (name: LightName) => cloudServices.some((service) => service === name);
  return rest.map((light) => ({
    light,
    now: light === next || (next !== undefined && together(next) && together(light)),
  }));
}

function ComingRow({ light, now }: { light: LightName; now: boolean }) {
  const t = useTranslations('adminSites.lights');
  return (
    <li className="text-text-muted flex gap-3 px-4 py-3">
      <span aria-hidden className="pt-0.5 [&_svg]:size-4.5">
        {now ? <Spinner /> : <CircleDashed className="text-text-subtle" />}
      </span>
      <p className={now ? 'text-text font-medium' : undefined}>
        {t(`names.${light}`)} <span className="sr-only">{t(now ? 'states.running' : 'states.waiting')}</span>
      </p>
    </li>
  );
}

/** Lights a row each; neighbours that were not looked at for the same cause share one. */
function folded(lights: readonly Light[]): Light[][] {
  const rows: Light[][] = [];
  for (const light of lights) {
    const last = rows.at(-1)?.[0];
    if (light.state === 'skipped' && last?.state === 'skipped' && last.says === light.says)
      rows.at(-1)?.push(light);
    else rows.push([light]);
  }
  return rows;
}

function SkippedRow({ lights }: { lights: readonly Light[] }) {
  const t = useTranslations('adminSites.lights');
  const format = useFormatter();
  const say = useProblemText();
  const [first] = lights;
  if (!first) return null;
  return (
    <li className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 px-4 py-3">
      <span aria-hidden className={classNames('pt-0.5 [&_svg]:size-4.5', looks.skipped.colour)}>
        {looks.skipped.icon}
      </span>
      <div className="text-text-muted min-w-0 text-sm text-pretty">
        <p>{format.list(lights.map(({ light }) => t(`names.${light}`)))}</p>
        <p>{say({ code: 'failed', key: first.says, params: first.params })}</p>
      </div>
    </li>
  );
}

function LightRow({ light, onTrust }: { light: Light; onTrust: ((pem: string) => void) | undefined }) {
  const t = useTranslations('adminSites.lights');
  const say = useProblemText();
  const { icon, colour } = looks[light.state];
  return (
    <li className="grid grid-cols-[auto_minmax(0,1fr)_auto] gap-x-3 px-4 py-3">
      <span aria-hidden className={classNames('pt-0.5 [&_svg]:size-4.5', colour)}>
        {icon}
      </span>
      <div className="min-w-0">
        <p className="font-medium">
          {t(`names.${light.light}`)} <span className="sr-only">{t(`states.${light.state}`)}</span>
        </p>
        <p className={classNames('text-sm text-pretty', light.state !== 'failed' && 'text-text-muted')}>
          {say({ code: 'failed', key: light.says, params: light.params })}
        </p>
        {light.detail !== undefined && (
          <pre className="bg-surface-sunken mt-2 rounded-md p-2 font-mono text-xs break-words whitespace-pre-wrap">
            {light.detail}
          </pre>
        )}
        {light.certificate && <Certificate certificate={light.certificate} onTrust={onTrust} />}
      </div>
      <span className="text-text-muted tabular text-xs">
        {light.state === 'skipped' ? '–' : <Duration ms={light.ms} />}
      </span>
    </li>
  );
}

function Certificate({
  certificate,
  onTrust,
}: {
  certificate: NonNullable<Light['certificate']>;
  onTrust?: ((pem: string) => void) | undefined;
}) {
  const t = useTranslations('adminSites.certificate');
  return (
    <div className="border-border bg-surface-sunken mt-3 flex flex-col gap-3 rounded-md border p-3">
      <KeyValueList
        items={[
          { label: t('subject'), value: <span className="break-all">{certificate.subject}</span> },
          { label: t('issuer'), value: <span className="break-all">{certificate.issuer}</span> },
          { label: t('validUntil'), value: <DateTime at={certificate.validUntil} /> },
          {
            label: t('fingerprint'),
            value: (
              <span className="inline-flex items-start gap-1">
                <code className="font-mono text-xs break-all">{certificate.fingerprint}</code>
                <CopyButton text={certificate.fingerprint} label={t('fingerprint')} size="sm" />
              </span>
            ),
          },
        ]}
      />
      {!certificate.trusted && onTrust && (
        <div className="flex flex-wrap items-center gap-3">
          <Button size="sm" onClick={() => onTrust(certificate.pem)}>
            {t('trust')}
          </Button>
          <p className="text-text-muted min-w-0 flex-1 basis-56 text-[0.8125rem] text-pretty">
            {t('trustText')}
          </p>
        </div>
      )}
    </div>
  );
}
