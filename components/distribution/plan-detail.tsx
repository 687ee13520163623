'use client';

import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import type { DistributionPlan, PlanCell } from '@/server/operations/distribution/schemas';
import { useTextOf } from '../i18n/use-text-of';
import { ByteSize } from '../ui/byte-size';
import { Duration } from '../ui/duration';
import { ErrorState } from '../ui/error-state';
import { KeyValueList } from '../ui/key-value';
import { TextLink } from '../ui/link-button';
import { MatrixSwatch } from '../ui/matrix-cell';
import { RelativeTime } from '../ui/relative-time';
import { standLooks } from './looks';
import { ReleaseImages } from './release-images';
import { useSays } from './use-says';

type PlanEdge = DistributionPlan['edges'][number];
type PlanRelease = DistributionPlan['releases'][number];

/** The sheet of a place in the plan: a release at an edge, or all of an edge, or all of a release. */
export function PlanDetail({
  plan,
  edge,
  release,
  cell,
  onFollow,
}: {
  plan: DistributionPlan;
  edge: PlanEdge | undefined;
  release: PlanRelease | undefined;
  cell: PlanCell | undefined;
  onFollow: () => void;
}) {
  return (
    <div className="flex flex-col gap-3 text-sm">
      <div>
        {edge && (
          <TextLink href={`/operations/edges/${edge.id}`} onClick={onFollow} className="font-semibold">
            {edge.name}
          </TextLink>
        )}
        {release && (
          <p className={edge ? 'text-text-muted' : 'font-semibold'}>
            {release.name} {release.version}
          </p>
        )}
      </div>
      {cell ? <CellFacts cell={cell} /> : edge ? <EdgeFacts edge={edge} /> : null}
      {release && !edge && <ReleaseFacts plan={plan} release={release} />}
      {release && <ReleaseImages releaseId={release.id} />}
    </div>
  );
}

function CellFacts({ cell: { stand, reason, bytes, bytesThere, seconds } }: { cell: PlanCell }) {
  const t = useTranslations('distributionPages.plan');
  const say = useSays();
  return (
    <>
      <p className="flex items-center gap-2 font-medium">
        <MatrixSwatch look={standLooks[stand]} />
        {t(`stands.${stand}`)}
      </p>
      <p className="text-text-muted text-pretty">
        {reason === null ? t(`standTexts.${stand}`) : say(reason)}
      </p>
      {stand !== 'impossible' && (
        <KeyValueList
          items={[
            { label: t('moves'), value: <ByteSize bytes={bytes} exact /> },
            { label: t('there'), value: <ByteSize bytes={bytesThere} exact /> },
            { label: t('time'), value: <Seconds seconds={seconds} /> },
          ]}
        />
      )}
    </>
  );
}

function EdgeFacts({ edge: { kind, askedAt, problem, bytes, freeBytes, fits } }: { edge: PlanEdge }) {
  const t = useTranslations('distributionPages.plan');
  const kindOf = useTextOf('adminSites.kinds');
  return (
    <>
      {problem !== null && <ErrorState problem={problem} title={t('noAnswer')} compact />}
      {!fits && <p className="text-danger text-pretty">{t('fullText')}</p>}
      <KeyValueList
        items={[
          { label: t('kind'), value: kindOf(kind) ?? kind },
          { label: t('asked'), value: askedAt === null ? null : <RelativeTime at={askedAt} /> },
          { label: t('moves'), value: <ByteSize bytes={bytes} exact />, hint: t('sharedOnce') },
          { label: t('free'), value: freeBytes === null ? t('freeUnknown') : <ByteSize bytes={freeBytes} /> },
        ]}
      />
    </>
  );
}

function ReleaseFacts({ plan, release }: { plan: DistributionPlan; release: PlanRelease }) {
  const t = useTranslations('distributionPages.plan');
  const own = plan.cells.filter(({ releaseId }) => releaseId === release.id);
  const present = own.filter(({ stand }) => stand === 'present').length;
  return (
    <KeyValueList
      items={[
        { label: t('kind'), value: t(`kinds.${release.kind}`) },
        { label: t('stands.present'), value: t('ofEdges', { count: present, all: own.length }) },
      ]}
    />
  );
}

/** A time that only a measured speed tells. */
export function Seconds({ seconds }: { seconds: number | null }): ReactNode {
  const t = useTranslations('distributionPages.plan');
  return seconds === null ? t('timeUnknown') : <Duration ms={seconds * 1000} />;
}
