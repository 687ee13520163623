'use client';

import { CircleX, MonitorCheck } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useTextOf } from '../i18n/use-text-of';
import { Badge } from '../ui/badge';
import { ByteSize } from '../ui/byte-size';
import { Card } from '../ui/card';
import { Digest } from '../ui/digest';
import { Duration } from '../ui/duration';
import { KeyValueList } from '../ui/key-value';
import { DateTime } from '../ui/relative-time';
import { Thumbnail } from '../ui/thumbnail';
import type { ReleaseView } from './app-page';

/** What the platform saw of a release's images by itself: boots with their pictures, sizes, hashes. */
export function ReleaseObserved({ release }: { release: ReleaseView }) {
  const t = useTranslations('store.app');
  return (
    <Card title={t('observed')} description={t('observedText')}>
      <div className="flex flex-col gap-6">
        {release.proofs.length === 0 && <p className="text-text-muted">{t('noProof')}</p>}
        {release.proofs.map((proof) => (
          <Proof key={proof.id} proof={proof} />
        ))}
        {release.images.length === 0 ? (
          <p className="text-text-muted">{t('noImages')}</p>
        ) : (
          <ul className="flex flex-col gap-5">
            {release.images.map((image) => (
              <li key={`${image.name}:${image.version}`} className="flex flex-col gap-2">
                <h3 className="flex flex-wrap items-center gap-2 font-medium">
                  {image.name}
                  <Badge>{image.mode === 'embedded' ? t('inside') : t('byReference')}</Badge>
                </h3>
                <KeyValueList
                  columns={2}
                  items={[
                    {
                      label: t('image'),
                      value: [image.format, image.architecture].filter(Boolean).join(' · '),
                    },
                    { label: t('imageSize'), value: <ByteSize bytes={image.size} exact /> },
                    { label: t('virtualSize'), value: <ByteSize bytes={image.virtualSize} /> },
                    {
                      label: t('imageDigest'),
                      value:
                        image.digest === null ? null : (
                          <Digest value={image.digest} label={t('imageDigest')} />
                        ),
                    },
                  ]}
                />
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}

function Proof({ proof }: { proof: ReleaseView['proofs'][number] }) {
  const t = useTranslations('store.app');
  const textOf = useTextOf('store.app.phases');
  const Icon = proof.passed ? MonitorCheck : CircleX;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {proof.screenshotUrl !== null && (
        <Thumbnail src={proof.screenshotUrl} alt={t('screenshot', { name: proof.siteName })} ratio="screen" />
      )}
      <div className="flex flex-col gap-3">
        <p className="flex items-center gap-2 font-medium">
          <Icon
            aria-hidden
            className={proof.passed ? 'text-success size-5 shrink-0' : 'text-danger size-5 shrink-0'}
          />
          {t(proof.passed ? 'bootedOn' : 'bootFailed', { site: proof.siteName })}
        </p>
        {proof.phase !== null && <p>{t('bootPhase', { phase: textOf(proof.phase) ?? proof.phase })}</p>}
        <KeyValueList
          items={[
            { label: t('bootTook'), value: <Duration ms={proof.tookMs} /> },
            { label: t('bootAt'), value: <DateTime at={proof.at} /> },
            { label: t('accelerator'), value: proof.accelerator },
          ]}
        />
      </div>
    </div>
  );
}
