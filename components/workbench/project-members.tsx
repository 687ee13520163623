'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Crown, UserMinus, UserPlus } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { Member, ProjectView } from '@/server/workbench/model';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { useProblemText } from '../ui/error-state';
import { Field } from '../ui/field';
import { IconButton } from '../ui/icon-button';
import { Input } from '../ui/input';
import { RelativeTime } from '../ui/relative-time';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from './query-view';

/** Who works in a project; the owner adds and removes. */
export function ProjectMembers({ project }: { project: ProjectView }) {
  const t = useTranslations('workbench.members');
  const trpc = useTRPC();
  const problemText = useProblemText();
  const queries = useQueryClient();
  const [typed, setTyped] = useState('');
  const query = useQuery(trpc.workbench.projects.members.queryOptions({ projectId: project.id }));
  const show = (members: Member[]) =>
    queries.setQueryData(trpc.workbench.projects.members.queryKey({ projectId: project.id }), members);
  const add = useMutation(
    trpc.workbench.projects.addMember.mutationOptions({
      onSuccess: (members) => {
        show(members);
        setTyped('');
      },
    }),
  );
  const remove = useMutation(trpc.workbench.projects.removeMember.mutationOptions({ onSuccess: show }));
  const mayChange = project.role !== 'member';
  const error = add.error ?? remove.error;

  return (
    <Card title={t('title')} description={t('text')}>
      <QueryView query={query} pending={<SkeletonRows rows={2} />}>
        {(members) => (
          <ul className="divide-border divide-y">
            {members.map((member) => (
              <li key={member.userId} className="flex items-center justify-between gap-3 py-2.5">
                <span className="flex min-w-0 flex-wrap items-center gap-2">
                  <span className="truncate font-medium">{member.name}</span>
                  {member.owner && (
                    <Badge tone="accent" icon={<Crown />}>
                      {t('owner')}
                    </Badge>
                  )}
                  <span className="text-text-muted text-sm">
                    <RelativeTime at={member.addedAt} />
                  </span>
                </span>
                {!member.owner && (
                  <IconButton
                    label={t('remove', { name: member.name })}
                    icon={<UserMinus />}
                    variant="danger"
                    busy={remove.isPending && remove.variables.userId === member.userId}
                    {...(mayChange ? {} : { disabledReason: t('ownerOnly') })}
                    onClick={() => remove.mutate({ projectId: project.id, userId: member.userId })}
                  />
                )}
              </li>
            ))}
          </ul>
        )}
      </QueryView>
      <form
        method="post"
        className="mt-4 flex flex-wrap items-start gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim() !== '') add.mutate({ projectId: project.id, nameOrEmail: typed.trim() });
        }}
      >
        <Field
          label={t('who')}
          hint={t('whoHint')}
          error={error ? problemText(problemOf(error)) : undefined}
          className="min-w-60 flex-1"
        >
          <Input value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" />
        </Field>
        <Button
          type="submit"
          className="sm:mt-7"
          icon={<UserPlus />}
          busy={add.isPending}
          {...(mayChange
            ? typed.trim() === ''
              ? { disabledReason: t('whoFirst') }
              : {}
            : { disabledReason: t('ownerOnly') })}
        >
          {t('add')}
        </Button>
      </form>
    </Card>
  );
}
