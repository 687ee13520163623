import type { HealthState } from '@/server/operations/edges/schemas';

/** How an edge stands, the worst first; `off`: an administrator has switched its site off. */
export const stands = ['unwell', 'unknown', 'well', 'off'] as const;
export type Stand = (typeof stands)[number];

/** How an edge stands. */
export function standOf({ enabled, health }: { enabled: boolean; health: { state: HealthState } }): Stand {
  return enabled ? health.state : 'off';
}

/** The colour of a stand, as the tokens name it. */
export const standColours: Record<Stand, string> = {
  well: 'var(--success)',
  unwell: 'var(--danger)',
  unknown: 'var(--warning)',
  off: 'var(--text-subtle)',
};
