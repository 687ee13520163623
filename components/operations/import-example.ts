/** What a file of edges looks like; the placeholders are to be replaced. */
export const importExamples = {
  yaml: `- name: Harbour
  kind: kubernetes
  config: { server: 'https://10.0.0.5:6443', method: token }
  secret: the-token
  labels: { region: north, tier: '2' }
  place: { address: Pier 4, latitude: 53.54, longitude: 9.98 }
  registry: { url: 'https://10.0.0.6:5000', user: push, password: the-password }
- name: Workshop
  kind: docker
  config: { endpoint: 'tcp://10.0.1.7:2376' }
  labels: { region: south }
`,
  csv: `name,kind,server,config.method,token,endpoint,labels,address,latitude,longitude
Harbour,kubernetes,https://10.0.0.5:6443,token,the-token,,region=north;tier=2,Pier 4,53.54,9.98
Workshop,docker,,,,tcp://10.0.1.7:2376,region=south,,,
`,
} as const;

export type ImportFormat = keyof typeof importExamples;

/** What a text is, by the name of its file or else by its first line: a table's first line has commas and no colon. */
export function formatOf(text: string, fileName?: string): ImportFormat {
  if (fileName !== undefined && /\.csv$/i.test(fileName)) return 'csv';
  if (fileName !== undefined && /\.ya?ml$/i.test(fileName)) return 'yaml';
  const first = text.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '';
  return first.includes(',') && !first.includes(':') ? 'csv' : 'yaml';
}
