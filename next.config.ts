import type { NextConfig } from 'next';
import createNextIntlPlugin from 'next-intl/plugin';

const withNextIntl = createNextIntlPlugin('./components/i18n/request.ts');

const config: NextConfig = {
  // A separate folder lets two servers of one checkout (a person's and a test's) build side by side.
  distDir: process.env.EDGEYARD_NEXT_DIR ?? '.next',
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm test` checks the types of everything; a start must not wait for it.
  typescript: { ignoreBuildErrors: true },
  // Native or dynamically loaded modules must stay what Node loads, not what the bundler makes of them.
  serverExternalPackages: [
    'better-sqlite3',
    'ssh2',
    'pino',
    'pkgcloud',
    'undici',
    'better-auth',
    'dockerode',
  ],
  // `forbidden()` answers 403 with app/forbidden.tsx.
  experimental: { authInterrupts: true },
  outputFileTracingExcludes: { '*': ['./data/**'] },
};

// Next requires the configuration as the default export.
export default withNextIntl(config);
