import type { PlanCell } from '@/server/operations/distribution/schemas';
import { useProblemText } from '../ui/error-state';

/** Says a plan's reason in the reader's language. */
export function useSays(): (reason: NonNullable<PlanCell['reason']>) => string {
  const say = useProblemText();
  return ({ key, params }) => say({ code: 'conflict', key, params });
}
