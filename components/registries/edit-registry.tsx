'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { toast } from 'sonner';
import type { RegistryRole, RegistryRow } from '@/server/registries/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Notice } from '../ui/notice';
import { PageHeader } from '../ui/page-header';
import { SkeletonPage } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { RegistryEditor } from './registry-editor';
import { settingOf } from './registry-form';
import { RegistryProblem } from './registry-problem';
import { RegistryStateDot } from './registry-state';
import { RoleCard } from './role-card';
import { TestRegistry } from './test-registry';
import { useRegistryTest } from './use-registry-test';

/** The page that changes the registry of a role, or shows and tests the one that the file sets. */
export function EditRegistry({ role }: { role: RegistryRole }) {
  const t = useTranslations('adminRegistries');
  const trpc = useTRPC();
  const query = useQuery(trpc.registries.adminList.queryOptions());
  return (
    <QueryView query={query} pending={<SkeletonPage />}>
      {(rows) =>
        rows
          .filter((row) => row.role === role)
          .map((row) => (
            <div key={role}>
              <PageHeader
                title={t('edit.title', { role: t(`roles.${role}`) })}
                crumbs={[{ label: t('title'), href: '/admin/registries' }]}
                description={t(`roleTexts.${role}`)}
                status={<RegistryStateDot state={row.state} />}
              />
              {row.fromFile ? <SetByFile row={row} /> : <Edit row={row} />}
            </div>
          ))
      }
    </QueryView>
  );
}

function Edit({ row }: { row: RegistryRow }) {
  const t = useTranslations('adminRegistries');
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  const role = t(`roles.${row.role}`);
  const set = useMutation(
    trpc.registries.set.mutationOptions({
      onSuccess: async (job) => {
        toast.success(t(job ? 'edit.movingNow' : 'edit.saved', { role }));
        await Promise.all([
          queries.invalidateQueries(trpc.registries.pathFilter()),
          queries.invalidateQueries(trpc.jobs.pathFilter()),
        ]);
        router.push('/admin/registries');
      },
    }),
  );
  return (
    <>
      {row.problem && (
        <div className="mb-6">
          <RegistryProblem title={t('states.unavailable')} problem={row.problem} />
        </div>
      )}
      <RegistryEditor
        row={row}
        busy={set.isPending || set.isSuccess}
        problem={set.error ? problemOf(set.error) : undefined}
        onSave={(values) => set.mutate({ role: row.role, to: settingOf(values) })}
      />
    </>
  );
}

function SetByFile({ row }: { row: RegistryRow }) {
  const t = useTranslations('adminRegistries.edit');
  const test = useRegistryTest(row.role);
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_minmax(20rem,26rem)]">
      <div className="flex min-w-0 flex-col gap-6">
        <Notice title={t('fileTitle')}>{t('fileText')}</Notice>
        <RoleCard row={row} alone />
      </div>
      <TestRegistry test={test} onRun={() => test.run(undefined)} />
    </div>
  );
}
