import { useCallback } from 'react';
import { useTextOf } from '../i18n/use-text-of';

/** Words for a type of Heat's resources; one without words is called as Heat calls it. */
export function useResourceType(): (type: string) => string {
  const textOf = useTextOf('deployments.types');
  return useCallback((type) => textOf(type) ?? type, [textOf]);
}
