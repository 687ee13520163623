'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { Select } from '../ui/select';

const kinds = [
  'user',
  'session',
  'token',
  'project',
  'vm',
  'files',
  'tools',
  'images',
  'packages',
  'store',
] as const;

/** The filters of the audit log: who, what, when; they stand in the address, so that a view can be passed on. */
export function AuditFilters() {
  const t = useTranslations('access.audit');
  const trpc = useTRPC();
  const users = useQuery(trpc.access.users.queryOptions());
  const { get, set, clear, any } = useFilters();
  return (
    <div className="grid grid-cols-2 items-end gap-3 md:grid-cols-4 lg:grid-cols-[1fr_1fr_auto_auto_auto]">
      <Field label={t('who')}>
        <Select
          value={get('who')}
          onChange={(event) => {
            set('who', event.target.value);
          }}
          options={[
            { value: '', label: t('anyone') },
            ...(users.data ?? []).map(({ id, name, email }) => ({ value: id, label: `${name} (${email})` })),
          ]}
        />
      </Field>
      <Field label={t('what')}>
        <Select
          value={get('what')}
          onChange={(event) => {
            set('what', event.target.value);
          }}
          options={[
            { value: '', label: t('anything') },
            ...kinds.map((kind) => ({ value: kind, label: t(`kinds.${kind}`) })),
          ]}
        />
      </Field>
      {(['from', 'to'] as const).map((end) => (
        <Field key={end} label={t(end)}>
          <Input
            type="date"
            value={get(end)}
            onChange={(event) => {
              set(end, event.target.value);
            }}
          />
        </Field>
      ))}
      <Button
        variant="ghost"
        onClick={clear}
        className={any ? '' : 'invisible max-sm:hidden'}
        aria-hidden={!any}
        tabIndex={any ? 0 : -1}
      >
        {t('clear')}
      </Button>
    </div>
  );
}

/** What the address asks for, as the procedure takes it. */
export function useAuditQuery() {
  const { get } = useFilters();
  const kind = get('what');
  const from = dayStart(get('from'));
  const lastDay = dayStart(get('to'));
  return {
    actorId: get('who') || undefined,
    action: kind === '' ? undefined : `${kind}.`,
    from: from?.getTime(),
    // The last day counts whole; days differ in length when the clock changes, so the calendar adds one.
    to: lastDay && new Date(lastDay.getFullYear(), lastDay.getMonth(), lastDay.getDate() + 1).getTime(),
  };
}

function useFilters() {
  const router = useRouter();
  const path = usePathname();
  const params = useSearchParams();
  return {
    get: (name: string) => params.get(name) ?? '',
    set: (name: string, value: string) => {
      const next = new URLSearchParams(params);
      if (value === '') next.delete(name);
      else next.set(name, value);
      router.replace(next.size === 0 ? path : `${path}?${next.toString()}`, { scroll: false });
    },
    clear: () => {
      router.replace(path, { scroll: false });
    },
    any: params.size > 0,
  };
}

/** Midnight of a date input's value, in the reader's time zone; undefined for none. */
function dayStart(text: string): Date | undefined {
  const date = new Date(`${text}T00:00`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
