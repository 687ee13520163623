'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound, Power, PowerOff, ShieldCheck, UserPlus } from 'lucide-react';
import { MoreHorizontal } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { toast } from 'sonner';
import { userRoles, type User, type UserRole } from '@/server/access/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC, useTRPCClient } from '../api/trpc-provider';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { DataTable } from '../ui/data-table';
import type { DataColumn } from '../ui/data-table-model';
import { DropdownMenu, type MenuEntry } from '../ui/dropdown-menu';
import { EmptyState } from '../ui/empty-state';
import { ErrorState, useProblemText } from '../ui/error-state';
import { IconButton } from '../ui/icon-button';
import { SearchInput } from '../ui/input';
import { RelativeTime } from '../ui/relative-time';
import { SkeletonRows } from '../ui/skeleton';
import { StatusDot } from '../ui/status-dot';
import { InviteDialog } from './invite-dialog';
import { PasswordLinkDialog, type ShownLink } from './password-link-dialog';

type Asked = { kind: 'disable'; user: User } | { kind: 'role'; user: User; role: UserRole };

/** All users: invite, change roles, disable, make password links. */
export function UsersTable({ ownId }: { ownId: string }) {
  const t = useTranslations('access.users');
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const columns = useColumns(ownId);
  const users = useQuery(trpc.access.users.queryOptions());
  const [search, setSearch] = useState('');
  const [inviting, setInviting] = useState(false);
  const [asked, setAsked] = useState<Asked>();
  const [link, setLink] = useState<ShownLink>();
  const refresh = () => queries.invalidateQueries(trpc.access.users.queryFilter());

  const atOnce = async (run: () => Promise<unknown>) => {
    try {
      await run();
      await refresh();
    } catch (error) {
      toast.error(problemText(problemOf(error)));
    }
  };
  const makeLink = (user: User) =>
    atOnce(async () => {
      const baseUrl = window.location.origin;
      setLink(await client.access.passwordLink.mutate({ id: user.id, baseUrl }));
    });
  const enable = (user: User) =>
    atOnce(async () => {
      await client.access.enableUser.mutate({ id: user.id });
      toast.success(t('enabled', { name: user.name }));
    });
  const actionsOf = useUserActions(ownId, { ask: setAsked, makeLink, enable });

  if (users.isPending) return <SkeletonRows />;
  if (users.error)
    return <ErrorState problem={problemOf(users.error)} onRetry={() => void users.refetch()} />;
  const wanted = search.trim().toLowerCase();
  const shown = users.data.filter(({ name, email }) => `${name} ${email}`.toLowerCase().includes(wanted));
  const actionsFor = (row: User) => (
    <DropdownMenu
      trigger={<IconButton label={t('actions', { name: row.name })} icon={<MoreHorizontal />} />}
      items={actionsOf(row)}
    />
  );
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <SearchInput value={search} onValueChange={setSearch} label={t('search')} placeholder={t('search')} />
        <Button
          variant="primary"
          icon={<UserPlus />}
          onClick={() => {
            setInviting(true);
          }}
        >
          {t('invite')}
        </Button>
      </div>
      <DataTable
        label={t('title')}
        rows={shown}
        columns={columns}
        rowId={(row) => row.id}
        busy={users.isFetching}
        empty={<EmptyState compact title={t('noneFound')} />}
        rowActions={actionsFor}
      />
      <InviteDialog
        open={inviting}
        onOpenChange={setInviting}
        onMade={async (made) => {
          setLink(made);
          await refresh();
        }}
      />
      <PasswordLinkDialog
        link={link}
        onClose={() => {
          setLink(undefined);
        }}
      />
      <AskDialog
        asked={asked}
        onClose={() => {
          setAsked(undefined);
        }}
        onDone={refresh}
      />
    </div>
  );
}

function useUserActions(
  ownId: string,
  act: {
    ask: (asked: Asked) => void;
    makeLink: (user: User) => Promise<void>;
    enable: (user: User) => Promise<void>;
  },
): (user: User) => MenuEntry[] {
  const t = useTranslations('access');
  return (user) => {
    const own = user.id === ownId;
    const roleItems = userRoles.map((role): MenuEntry => {
      const reason = own
        ? t('users.notYourself')
        : role === user.role
          ? t('users.alreadyRole')
          : user.disabled
            ? t('users.isDisabled')
            : undefined;
      return {
        label: t('users.changeRole', { role: t(`roles.${role}`) }),
        icon: <ShieldCheck />,
        disabledReason: reason,
        onSelect: () => {
          act.ask({ kind: 'role', user, role });
        },
      };
    });
    const power: MenuEntry = user.disabled
      ? { label: t('users.enable'), icon: <Power />, onSelect: () => void act.enable(user) }
      : {
          label: t('users.disable'),
          icon: <PowerOff />,
          danger: true,
          disabledReason: own ? t('users.notYourself') : undefined,
          onSelect: () => {
            act.ask({ kind: 'disable', user });
          },
        };
    return [
      ...roleItems,
      'separator',
      {
        label: t('users.newLink'),
        icon: <KeyRound />,
        disabledReason: user.disabled ? t('users.isDisabled') : undefined,
        onSelect: () => void act.makeLink(user),
      },
      power,
    ];
  };
}

function AskDialog({
  asked,
  onClose,
  onDone,
}: {
  asked: Asked | undefined;
  onClose: () => void;
  onDone: () => Promise<unknown>;
}) {
  const t = useTranslations('access');
  const client = useTRPCClient();
  const name = asked?.user.name ?? '';
  const id = asked?.user.id ?? '';
  if (asked?.kind === 'role') {
    const role = t(`roles.${asked.role}`);
    return (
      <ConfirmDialog
        open
        onOpenChange={onClose}
        tone="primary"
        title={t('users.roleTitle', { name, role })}
        confirmLabel={t('users.roleConfirm')}
        problemOf={problemOf}
        onConfirm={async () => {
          await client.access.setRole.mutate({ id, role: asked.role });
          await onDone();
          toast.success(t('users.roleChanged', { name, role }));
        }}
      >
        {t(`roleHints.${asked.role}`)}
      </ConfirmDialog>
    );
  }
  return (
    <ConfirmDialog
      open={asked !== undefined}
      onOpenChange={onClose}
      title={t('users.disableTitle', { name })}
      losses={[t('users.disableSessions'), t('users.disableTokens')]}
      confirmLabel={t('users.disableConfirm')}
      problemOf={problemOf}
      onConfirm={async () => {
        await client.access.disableUser.mutate({ id });
        await onDone();
        toast.success(t('users.disabledDone', { name }));
      }}
    >
      {t('users.disableText')}
    </ConfirmDialog>
  );
}

function useColumns(ownId: string): DataColumn<User>[] {
  const t = useTranslations('access');
  return [
    {
      id: 'name',
      header: t('fields.name'),
      sort: (row) => row.name.toLowerCase(),
      cell: (row) => (
        <span className="flex flex-col">
          <span className="flex items-center gap-2 font-medium">
            {row.name}
            {row.id === ownId && <Badge>{t('users.you')}</Badge>}
          </span>
          <span className="text-text-muted text-sm">{row.email}</span>
        </span>
      ),
    },
    { id: 'role', header: t('fields.role'), sort: (row) => row.role, cell: (row) => t(`roles.${row.role}`) },
    {
      id: 'status',
      header: t('users.status'),
      sort: (row) => statusOf(row),
      cell: (row) => <StatusDot tone={statusTones[statusOf(row)]} label={t(`users.${statusOf(row)}`)} />,
    },
    {
      id: 'lastSeen',
      header: t('users.lastSeen'),
      sort: (row) => row.lastSeenAt,
      cell: (row) => <RelativeTime at={row.lastSeenAt} />,
    },
    {
      id: 'created',
      header: t('users.created'),
      sort: (row) => row.createdAt,
      phone: 'hide',
      cell: (row) => <RelativeTime at={row.createdAt} />,
    },
  ];
}

const statusTones = { active: 'success', invited: 'info', disabled: 'neutral' } as const;

function statusOf(user: User): keyof typeof statusTones {
  if (user.disabled) return 'disabled';
  return user.invited ? 'invited' : 'active';
}
