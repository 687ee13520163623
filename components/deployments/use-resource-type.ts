import { useTranslations } from 'next-intl';
import { useCallback } from 'react';

/** Words for a type of Heat's resources; one without words is called as Heat calls it. */
export function useResourceType(): (type: string) => string {
  const t = useTranslations('deployments.types');
  return useCallback((type) => (t.has(type as never) ? t(type as never) : type), [t]);
}
