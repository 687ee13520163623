/** What a release makes at an edge, in words that may be shown. */
import { stringify } from 'yaml';
import { isObject } from '../../sites/pod-templates';
import type { AppTopology } from '../../sites/stacks';
import type { KubeObject } from '../../sites/workloads';

/** What stands where a secret's value would. */
const notShown = '•••';

/** Objects as YAML, one document each, without what secrets hold. */
export function shownText(objects: readonly KubeObject[]): string {
  return objects
    .map((object) => stringify(object.kind === 'Secret' ? withoutValues(object) : object, { lineWidth: 0 }))
    .join('---\n');
}

function withoutValues(secret: KubeObject): KubeObject {
  const shown = { ...secret };
  for (const field of ['data', 'stringData']) {
    const values = secret[field];
    if (isObject(values))
      shown[field] = Object.fromEntries(Object.keys(values).map((key) => [key, notShown]));
  }
  // What `kubectl apply` noted there repeats the whole object.
  const { annotations: _annotations, ...metadata } = secret.metadata;
  return { ...shown, metadata };
}

/** What objects make, as `Deployment/web`. */
export function createdBy(objects: readonly KubeObject[]): string[] {
  return objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
}

/** What a topology makes, as `VM/front` and `Network/inner`. */
export function createdOf({ vms, networks }: AppTopology): string[] {
  return [
    ...vms.map(({ name }) => `VM/${name}`),
    ...networks.filter(({ range }) => range !== undefined).map(({ node }) => `Network/${node}`),
  ];
}

/** A name for a deployment of an app: what every site takes, a DNS label (RFC 1123) that begins with a letter. */
export function labelOf(appName: string): string {
  const label = appName
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  return label === '' ? 'app' : label;
}
