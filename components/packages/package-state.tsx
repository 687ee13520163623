'use client';

import { ShieldAlert, ShieldCheck } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { PackageState, PackageSummary } from '@/server/packages/schemas';
import { Badge } from '../ui/badge';
import { StatusDot } from '../ui/status-dot';
import type { Tone } from '../ui/tone';

const tones: Record<PackageState, Tone> = {
  uploading: 'info',
  building: 'accent',
  checking: 'accent',
  ready: 'success',
  failed: 'danger',
};

/** A package's state in words. */
export function PackageStateDot({ state }: { state: PackageState }) {
  const t = useTranslations('packages.states');
  return <StatusDot tone={tones[state]} label={t(state)} busy={state !== 'ready' && state !== 'failed'} />;
}

/** Whether the hashes match; nothing while that is not known. */
export function VerificationBadge({ verification }: { verification: PackageSummary['verification'] }) {
  const t = useTranslations('packages.verification');
  if (verification === null) return null;
  const verified = verification === 'verified';
  return (
    <Badge
      tone={verified ? 'success' : 'warning'}
      icon={verified ? <ShieldCheck /> : <ShieldAlert />}
      title={t(verified ? 'verifiedText' : 'unverifiedText')}
    >
      {t(verification)}
    </Badge>
  );
}

/** How many remarks the lint has, worst first. */
export function FindingsBadges({ findings }: { findings: PackageSummary['findings'] }) {
  const t = useTranslations('packages.list');
  const { error, warning, note } = findings;
  if (error + warning + note === 0) return <span className="text-text-muted">{t('clean')}</span>;
  return (
    <span className="flex flex-wrap gap-1">
      {error > 0 && <Badge tone="danger">{t('errors', { count: error })}</Badge>}
      {warning > 0 && <Badge tone="warning">{t('warnings', { count: warning })}</Badge>}
      {note > 0 && <Badge>{t('notes', { count: note })}</Badge>}
    </span>
  );
}
