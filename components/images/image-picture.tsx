'use client';

import { useTranslations } from 'next-intl';
import type { DiskImage, ImageProof } from '@/server/images/schemas';
import { Thumbnail } from '../ui/thumbnail';

/** Address of the picture of a boot test. */
export function proofPictureUrl(imageId: string, proofId: string): string {
  return `/api/v1/images/${encodeURIComponent(imageId)}/proofs/${encodeURIComponent(proofId)}/screenshot`;
}

/** What the newest boot showed; initials where nothing was booted yet. */
export function ImagePicture({ image, size }: { image: DiskImage; size: 'sm' | 'md' | 'lg' | 'fill' }) {
  const proof = image.proofs.find(({ hasScreenshot }) => hasScreenshot);
  return (
    <Thumbnail
      src={proof ? proofPictureUrl(image.id, proof.id) : undefined}
      alt=""
      seed={image.name}
      ratio="screen"
      size={size}
    />
  );
}

/** The screen at the end of one boot. */
export function ProofPicture({ image, proof }: { image: DiskImage; proof: ImageProof }) {
  const t = useTranslations('images.detail');
  return (
    <Thumbnail
      src={proof.hasScreenshot ? proofPictureUrl(image.id, proof.id) : undefined}
      alt={t('proofPicture', { name: image.name, site: proof.siteName })}
      ratio="screen"
      size="fill"
    />
  );
}
