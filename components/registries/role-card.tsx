'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { FolderSearch, Pencil, PlugZap, Truck } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { toast } from 'sonner';
import type { RegistryRow } from '@/server/registries/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { JobProgress } from '../jobs/job-progress';
import { isActive, useSubjectJobs } from '../jobs/use-job';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { ByteSize } from '../ui/byte-size';
import { Card } from '../ui/card';
import { useProblemText } from '../ui/error-state';
import { KeyValueList } from '../ui/key-value';
import { LinkButton } from '../ui/link-button';
import { Notice } from '../ui/notice';
import { RelativeTime } from '../ui/relative-time';
import { editRegistryHref, registryHref } from './registry-paths';
import { RegistryProblem } from './registry-problem';
import { RegistryStateDot } from './registry-state';

/**
 * The registry of one room: where it is, how it stands, what can be done with it.
 *
 * @param alone on the page of this very registry, which needs no link to itself
 */
export function RoleCard({ row, alone = false }: { row: RegistryRow; alone?: boolean }) {
  const t = useTranslations('adminRegistries');
  const role = t(`roles.${row.role}`);
  return (
    <Card
      title={role}
      description={t(`roleTexts.${row.role}`)}
      // Each as high as it needs to be: one with warnings must not stretch its neighbours.
      className="self-start"
      footer={
        <div className="flex flex-wrap gap-3">
          {!alone && (
            <LinkButton
              href={editRegistryHref(row.role)}
              size="sm"
              icon={row.fromFile ? <PlugZap /> : <Pencil />}
              aria-label={t(row.fromFile ? 'card.testNamed' : 'card.editNamed', { role })}
            >
              {t(row.fromFile ? 'card.test' : 'card.edit')}
            </LinkButton>
          )}
          <LinkButton
            href={registryHref(row.role)}
            size="sm"
            variant="ghost"
            icon={<FolderSearch />}
            aria-label={t('card.browseNamed', { role })}
          >
            {t('card.browse')}
          </LinkButton>
        </div>
      }
    >
      <div className="flex flex-col gap-4">
        <p className="flex flex-wrap items-center gap-2">
          {!alone && <RegistryStateDot state={row.state} />}
          <Badge tone={row.kind === 'external' ? 'accent' : 'neutral'}>{t(`kinds.${row.kind}`)}</Badge>
          {row.fromFile && <Badge>{t('card.fromFileBadge')}</Badge>}
        </p>
        {row.fromFile && !alone && <p className="text-text-muted text-sm">{t('card.fromFile')}</p>}
        {row.problem && <RegistryProblem title={t('states.unavailable')} problem={row.problem} />}
        {row.kind === 'external' && !row.encrypted && (
          <Notice tone="warning" title={t('card.plainTitle')}>
            {t('card.plainText')}
          </Notice>
        )}
        <Facts row={row} />
        <Moving row={row} />
        <Left row={row} />
      </div>
    </Card>
  );
}

function Facts({ row }: { row: RegistryRow }) {
  const t = useTranslations('adminRegistries.card');
  const encryption = row.encrypted
    ? row.config?.ca === undefined
      ? 'encrypted'
      : 'ownCa'
    : row.kind === 'bundled'
      ? 'plainHere'
      : 'plain';
  const login = row.login === 'password' && !row.hasSecret ? 'noPassword' : row.login;
  const pulls = row.kind === 'bundled' ? 'internal' : row.pullsWith;
  return (
    <KeyValueList
      items={[
        {
          label: t('address'),
          value: row.address === '' ? undefined : <code className="break-all">{row.address}</code>,
        },
        {
          label: t('prefix'),
          value: row.prefix === '' ? t('noPrefix') : <code className="break-all">{row.prefix}</code>,
        },
        { label: t('encryption'), value: t(encryption) },
        { label: t('login'), value: t(`logins.${login}`, { user: row.config?.user ?? '' }) },
        { label: t('sitesPull'), value: t(`pullsWith.${pulls}`, { user: row.config?.pullUser ?? '' }) },
        { label: t('repositories'), value: row.repositories ?? t('unknown') },
        {
          label: t('size'),
          value: row.bytes === undefined ? t('sizeElsewhere') : <ByteSize bytes={row.bytes} />,
        },
        { label: t('since'), value: <RelativeTime at={row.since} /> },
      ]}
    />
  );
}

/** The job that moves images, while it runs; one that failed stays until something else changes. */
function Moving({ row }: { row: RegistryRow }) {
  const t = useTranslations('adminRegistries');
  const { all } = useSubjectJobs({ type: 'registry', id: row.role });
  const [newest] = all;
  const shown =
    newest && (isActive(newest) || (newest.state === 'failed' && (newest.endedAt ?? 0) > row.since));
  if (!shown) return null;
  return (
    <div className="flex flex-col gap-2">
      {row.movingTo !== undefined && (
        <>
          <h3 className="font-medium">
            {t('card.moving', {
              to: row.movingTo === 'bundled' ? t('kinds.bundled') : new URL(row.movingTo.url).host,
            })}
          </h3>
          <p className="text-text-muted text-sm">{t('card.movingText')}</p>
        </>
      )}
      <JobProgress jobId={newest.id} />
    </div>
  );
}

function Left({ row }: { row: RegistryRow }) {
  const t = useTranslations('adminRegistries.card');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const { active } = useSubjectJobs({ type: 'registry', id: row.role });
  const fetchLeft = useMutation(
    trpc.registries.moveLeft.mutationOptions({
      onSuccess: () => queries.invalidateQueries(trpc.jobs.pathFilter()),
      onError: (error) => void toast.error(problemText(problemOf(error))),
    }),
  );
  if (row.leftAt === undefined || active.length > 0) return null;
  return (
    <Notice
      tone="warning"
      title={t('left', { address: row.leftAt })}
      action={
        <Button
          size="sm"
          icon={<Truck />}
          busy={fetchLeft.isPending}
          onClick={() => fetchLeft.mutate({ role: row.role })}
        >
          {t('fetch')}
        </Button>
      }
    >
      {t('leftText')}
    </Notice>
  );
}
