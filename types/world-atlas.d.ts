// The files are JSON of 100 KB and more: their types are not worth reading them out.
declare module 'world-atlas/countries-110m.json' {
  import type { mesh } from 'topojson-client';

  const topology: Parameters<typeof mesh>[0];
  export default topology;
}

declare module 'world-atlas/countries-50m.json' {
  import type { mesh } from 'topojson-client';

  const topology: Parameters<typeof mesh>[0];
  export default topology;
}
