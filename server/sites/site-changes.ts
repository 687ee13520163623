import type { StoredSite } from './site-rows';

/** Names of what differs, for the audit log: `purpose`, `config.region`, `secret`. */
export function differences(before: StoredSite, after: StoredSite, newSecret: boolean): string[] {
  const plain = (['name', 'purpose', 'enabled'] as const).filter((key) => before[key] !== after[key]);
  const was = new Map<string, unknown>(Object.entries(before.config));
  const config = Object.entries(after.config)
    .filter(([key, value]) => was.get(key) !== value)
    .map(([key]) => `config.${key}`);
  return [...plain, ...config, ...(newSecret ? ['secret'] : [])];
}
