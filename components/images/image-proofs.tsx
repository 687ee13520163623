'use client';

import { Camera } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { DiskImage, ImageProof } from '@/server/images/schemas';
import { Card } from '../ui/card';
import { useDuration } from '../ui/duration';
import { EmptyState } from '../ui/empty-state';
import { RelativeTime } from '../ui/relative-time';
import { StatusDot } from '../ui/status-dot';
import { ProofPicture } from './image-picture';

/** Boots that were watched here, newest first, each with its picture. */
export function ImageProofs({ image }: { image: DiskImage }) {
  const t = useTranslations('images.detail');
  return (
    <Card title={t('proofs')} description={t('proofsText')}>
      {image.proofs.length === 0 ? (
        <EmptyState icon={<Camera />} title={t('noProofs')} compact>
          {t('noProofsText')}
        </EmptyState>
      ) : (
        <ul className="flex flex-col gap-5">
          {image.proofs.map((proof) => (
            <Proof key={proof.id} image={image} proof={proof} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Proof({ image, proof }: { image: DiskImage; proof: ImageProof }) {
  const t = useTranslations('images.detail');
  const duration = useDuration();
  const facts = [
    t(`phase.${proof.phase ?? 'none'}`),
    t('after', { span: duration(proof.tookMs) }),
    ...(proof.accelerator === null ? [] : [t('accelerator', { accelerator: proof.accelerator })]),
  ];
  return (
    <li className="flex flex-col gap-2">
      <ProofPicture image={image} proof={proof} />
      <div className="flex flex-wrap items-baseline justify-between gap-2">
        <StatusDot
          tone={proof.passed ? 'success' : 'warning'}
          label={t(proof.passed ? 'bootedOn' : 'notBootedOn', { site: proof.siteName })}
        />
        <span className="text-text-muted text-sm">
          <RelativeTime at={proof.at} />
        </span>
      </div>
      <p className="text-text-muted text-sm">{facts.join(' · ')}</p>
    </li>
  );
}
