import type { SiteConfig } from './site-kind';
import type { StoredSite } from './site-rows';

/**
 * Whether a stored secret may be used with a configuration: it goes only to the address and the way of signing in it
 * was given for, so that nobody learns it by pointing the site somewhere else or by leaving out the check of TLS.
 */
export function mayReuseSecret(stored: SiteConfig, wanted: SiteConfig): boolean {
  return (
    new URL(stored.authUrl).origin === new URL(wanted.authUrl).origin &&
    stored.method === wanted.method &&
    (stored.insecure || !wanted.insecure)
  );
}

/** Names of what differs, for the audit log: `purpose`, `config.region`, `secret`. */
export function differences(before: StoredSite, after: StoredSite, newSecret: boolean): string[] {
  const plain = (['name', 'purpose', 'enabled'] as const).filter((key) => before[key] !== after[key]);
  const config = (Object.keys(after.config) as (keyof SiteConfig)[])
    .filter((key) => before.config[key] !== after.config[key])
    .map((key) => `config.${key}`);
  return [...plain, ...config, ...(newSecret ? ['secret'] : [])];
}
