/** The arrows of ARCHITECTURE.md. Types may be imported from anywhere the house contract shows them. */
const rooms = 'access|workbench|images|packages|store|operations|jobs|registries|containers';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'rooms-know-no-framework',
      comment: 'Rules outlive frameworks: a room imports neither Next, React, tRPC nor Hono.',
      severity: 'error',
      from: { path: `^server/(${rooms}|sites)/`, pathNot: '^server/access/(better-auth|sign-in)' },
      to: { path: 'node_modules/(next|react|react-dom|@trpc|hono|@hono)/' },
    },
    {
      name: 'rooms-know-no-api',
      severity: 'error',
      from: { path: `^server/(${rooms}|sites)/` },
      to: {
        path: '^(app|components|server/api|server/wiring|server/main|server/house)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'rooms-know-no-adapter',
      comment: 'Only wiring.ts and wiring/ choose adapters; tests may use the fake.',
      severity: 'error',
      from: { path: `^server/(${rooms})/`, pathNot: '\\.test\\.ts$|testing' },
      to: { path: '^server/sites/(qemu|openstack|kubernetes|docker|edgeyard|fake)/' },
    },
    {
      name: 'tables-stay-in-their-room',
      severity: 'error',
      from: { path: `^server/(${rooms})/` },
      to: { path: `^server/(${rooms})/.*tables\\.ts$`, pathNot: '^server/$1/' },
    },
    {
      name: 'adapters-know-ports-only',
      severity: 'error',
      from: {
        path: '^server/sites/(qemu|openstack|kubernetes|docker|edgeyard|fake)/',
        pathNot: '\\.test\\.ts$',
      },
      to: { path: `^server/(${rooms}|api)/`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'oci-knows-nothing-of-edgeyard',
      comment:
        'A client of the distribution API: itself, Node and undici. Rooms make Problems of its errors.',
      severity: 'error',
      from: { path: '^server/oci/', pathNot: '\\.test\\.ts$|testing' },
      to: { pathNot: '^server/oci/|^node_modules/undici/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'pkgcloud-in-one-file',
      comment: 'Its faults are kept out in one place.',
      severity: 'error',
      from: { pathNot: '^server/sites/openstack/pkgcloud\\.ts$' },
      to: { path: 'node_modules/pkgcloud/' },
    },
    {
      name: 'pages-reach-the-server-by-api-only',
      comment: 'Pages and components see the API, its types, and the plain data modules both sides share.',
      severity: 'error',
      from: { path: '^(app|components)/' },
      to: {
        path: '^server/',
        pathNot:
          '^server/(api/trpc/(server|router|transformer)|house|rooms|sites/(kubernetes|docker|edgeyard)/login)\\.ts$|schemas\\.ts$|-gates\\.ts$|actor\\.ts$|problem\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'ui-knows-nothing-of-edgeyard',
      severity: 'error',
      from: { path: '^components/ui/' },
      to: { path: '^(app|server|components/(?!ui/|i18n/))', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'components-do-not-import-pages',
      severity: 'error',
      from: { path: '^components/' },
      to: { path: '^app/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(\\.next|dist|data|drizzle|node_modules/\\.cache)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'] },
  },
};
