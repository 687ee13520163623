import { useTranslations } from 'next-intl';
import type { StoreView, SyncRule } from '@/server/operations/sync/schemas';
import { useDuration } from '../ui/duration';

/** A store's name; that of this Edgeyard in the reader's language. */
export function useStoreName(): (store: Pick<StoreView, 'kind' | 'name'>) => string {
  const t = useTranslations('syncPages.stores');
  return ({ kind, name }) => (kind === 'own' ? t('own') : name);
}

/** What a rule takes, in a sentence. */
export function useRuleWords(): (rule: SyncRule) => string {
  const t = useTranslations('syncPages.rule');
  const part = (pattern: string) => (pattern === '*' ? 'any' : 'like');
  return ({ provider, name, kind, newestOnly }) =>
    t('words', {
      which: newestOnly ? 'newest' : 'all',
      kind: kind ?? 'any',
      named: part(name),
      name,
      by: part(provider),
      provider,
    });
}

/** How often a catalogue is read, in words. */
export function useScheduleWords(): (everyMinutes: number | null) => string {
  const t = useTranslations('syncPages.schedule');
  const duration = useDuration();
  return (everyMinutes) =>
    everyMinutes === null ? t('never') : t('every', { time: duration(everyMinutes * 60_000) });
}
