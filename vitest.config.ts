import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('.', import.meta.url));

// Vitest requires its configuration as the default export.
export default defineConfig({
  resolve: { alias: { '@': root } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['server/**/*.test.ts', 'components/**/*.test.ts', 'messages/**/*.test.ts'],
          exclude: ['**/*.contract.test.ts', '**/*.openstack.test.ts'],
          // Only a bound for hangs: hashing and child processes take their time on a busy machine.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        // Contract suites start real systems (QEMU guests): one at a time, with time for a busy machine.
        extends: true,
        test: {
          name: 'contract',
          include: ['server/**/*.contract.test.ts'],
          fileParallelism: false,
          retry: 2,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        // Runs on a real OpenStack, whose login OS_CLIENT_CONFIG_FILE names: see e2e/stacks/openstack.
        extends: true,
        test: {
          name: 'openstack',
          include: ['server/**/*.openstack.test.ts'],
          fileParallelism: false,
          retry: 2,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
