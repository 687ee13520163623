// The files are JSON of 100 KB and more: their types are not worth reading them out.
declare module 'world-atlas/countries-110m.json' {
  const topology: Parameters<typeof import('topojson-client').mesh>[0];
  export default topology;
}
declare module 'world-atlas/countries-50m.json' {
  const topology: Parameters<typeof import('topojson-client').mesh>[0];
  export default topology;
}
