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
          exclude: ['**/*.{contract,registry,openstack,kubernetes,docker}.test.ts'],
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
        // Each test starts a real registry: see e2e/stacks/registry.ts.
        extends: true,
        test: {
          name: 'registry',
          include: ['server/**/*.registry.test.ts'],
          fileParallelism: false,
          retry: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
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
      {
        // Runs on real clusters, whose logins KUBECONFIG names (contexts edge1 and edge2: see e2e/stacks/kubernetes), and on
        // Docker hosts that the tests start themselves.
        extends: true,
        test: {
          name: 'kubernetes',
          include: ['{server,e2e}/**/*.{kubernetes,docker}.test.ts'],
          fileParallelism: false,
          retry: 1,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
