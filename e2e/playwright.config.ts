import { defineConfig } from '@playwright/test';

const openstack = /e2e\/openstack[^/]*(\/.*)?\.spec\.ts$/;
const kubernetes = /e2e\/kubernetes[^/]*(\/.*)?\.spec\.ts$/;

// Playwright requires its configuration as the default export.
export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '../.cache/e2e',
  // Guests are emulated on machines without KVM: one test at a time, with time for them to boot.
  workers: 1,
  timeout: 240_000,
  expect: { timeout: 20_000 },
  // Guests that are emulated on a machine others use too sometimes miss a time limit; a fault fails every time.
  retries: 2,
  // The journeys on a real OpenStack and on real clusters need these: see stacks/openstack and stacks/kubernetes.
  projects: [
    { name: 'e2e', testIgnore: [openstack, kubernetes] },
    { name: 'openstack-e2e', testMatch: openstack, timeout: 480_000 },
    { name: 'kubernetes-e2e', testMatch: kubernetes, timeout: 480_000 },
  ],
  reporter: [['list'], ['json']],
  use: {
    actionTimeout: 20_000,
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    viewport: { width: 1280, height: 800 },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      // No sandbox: the tests may run as root. The rest keeps Chromium from calling home.
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
});
