'use client';

import { useQuery } from '@tanstack/react-query';
import { useLocale, useTranslations } from 'next-intl';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Checkbox } from '../ui/checkbox';
import { ErrorState } from '../ui/error-state';
import { Fieldset } from '../ui/field';
import { SkeletonRows } from '../ui/skeleton';

/**
 * Chooses tools for a VM that is to be made.
 *
 * `value`: ids of the chosen tools. `reachable`: whether the chosen network gives a way into the guest.
 */
export function ToolPicker({
  value,
  onChange,
  reachable = true,
}: {
  value: readonly string[];
  onChange: (toolIds: string[]) => void;
  reachable?: boolean;
}) {
  const t = useTranslations('tools');
  const locale = useLocale();
  const trpc = useTRPC();
  const { data, error, refetch } = useQuery(trpc.tools.catalogue.queryOptions());
  if (error) return <ErrorState compact problem={problemOf(error)} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={2} />;
  if (data.length === 0) return <p className="text-text-muted">{t('emptyTitle')}</p>;
  const toggle = (id: string, on: boolean) => {
    onChange(on ? [...value, id] : value.filter((each) => each !== id));
  };
  return (
    <Fieldset legend={t('picker.label')} hint={t('picker.hint')}>
      <div className="space-y-3">
        {data.map((tool) => (
          <Checkbox
            key={tool.id}
            label={`${locale === 'zh' ? tool.nameZh : tool.nameEn} ${tool.version}`}
            hint={locale === 'zh' ? tool.descriptionZh : tool.descriptionEn}
            checked={value.includes(tool.id)}
            onChange={(event) => toggle(tool.id, event.currentTarget.checked)}
            {...(!reachable && { disabledReason: t('picker.noSsh') })}
          />
        ))}
      </div>
    </Fieldset>
  );
}
