import { Problem } from '../../problem';
import type { KubeObject } from '../../sites/workloads';
import { readChart } from './chart';
import { renderChart } from './helm';
import { parseManifests } from './parse-manifests';

/** A deployment text that lies in a file: a chart's archive, or manifests. */
export interface TextFile {
  kind: 'chart' | 'manifests';
  fileName: string;
  content: Buffer;
}

/**
 * The default values of a chart, YAML; empty for manifests.
 *
 * @throws Problem `invalid` of `containers.chart.*`
 */
export async function defaultValues({ kind, content }: TextFile): Promise<string> {
  if (kind === 'manifests') return '';
  const values = (await readChart(content)).find(({ path }) => path === 'values.yaml');
  return values === undefined ? '' : Buffer.from(values.base64, 'base64').toString('utf8');
}

/**
 * The objects that a text makes, images named as the text names them.
 *
 * @param name of the deployment, which charts call their release and its namespace
 * @param values YAML over a chart's own
 * @throws Problem `invalid` for a text with errors, `conflict` for one without objects, `unavailable` without helm
 */
export async function objectsOf(
  { kind, content }: TextFile,
  name: string,
  values: string,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const text =
    kind === 'chart'
      ? await renderChart(await readChart(content), name, values, signal)
      : content.toString('utf8');
  const { objects, findings } = parseManifests(text);
  const errors = findings.filter(({ severity }) => severity === 'error');
  const [error] = errors;
  if (error) {
    const params = { line: error.line ?? 0, errors: errors.length };
    throw new Problem('invalid', 'containers.errors.textWrong', params, {
      detail: error.detail ?? error.rule,
    });
  }
  if (objects.length === 0) throw new Problem('conflict', 'containers.errors.textEmpty');
  return objects.map(({ value }) => value);
}
