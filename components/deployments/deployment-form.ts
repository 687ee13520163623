import { z } from 'zod';
import {
  createDeploymentInput,
  type CreateDeploymentInput,
  type ReleasePlan,
} from '@/server/operations/deployments/schemas';

/** An input of a package or release, as a person is asked for it. */
export type Parameter = ReleasePlan['parameters'][number];

/** What a person types: one text for each parameter, in the plan's order, since names may hold dots. */
export interface DeploymentForm {
  name: string;
  values: string[];
}

/** The longest name Heat's rule and the server take. */
const longestName = 60;

/**
 * What the form starts with.
 *
 * @param name a name that is free, as of {@link freeName}
 */
export function firstValues(name: string, parameters: readonly Parameter[]): DeploymentForm {
  return { name, values: parameters.map(firstValue) };
}

/** The package's default; nothing where the site offers other things, so that one of them is chosen. */
function firstValue({ default: value, choices }: Parameter): string {
  const text = String(value ?? '');
  return choices === undefined || choices.includes(text) ? text : '';
}

/**
 * The form's rules. Their messages are keys below `deployments.new.rules`.
 *
 * @param parameters as the plan asks for them
 */
export function deploymentForm(parameters: readonly Parameter[]) {
  return z.object({
    name: z.string().refine((name) => createDeploymentInput.shape.name.safeParse(name).success, 'name'),
    values: z.array(z.string().max(10_000, 'tooLong')).superRefine((values, context) => {
      for (const [index, parameter] of parameters.entries()) {
        const message = against(parameter, values[index] ?? '');
        if (message !== undefined) context.addIssue({ code: 'custom', path: [index], message });
      }
    }),
  });
}

// A DNS label (RFC 1123) that begins with a letter: it becomes the name of a namespace.
const label = /^[a-z]([a-z0-9-]{0,58}[a-z0-9])?$/;

/**
 * The rules for a release: as {@link deploymentForm}, with names that a cluster takes where it runs containers.
 *
 * @param parameters as the plan asks for them
 */
export function releaseForm(parameters: readonly Parameter[], runs: ReleasePlan['runs']) {
  const form = deploymentForm(parameters);
  if (runs === 'stack') return form;
  return form.extend({ name: z.string().regex(label, 'label') });
}

/**
 * A name for containers out of a release's that none of `taken` has.
 *
 * @param wish the release's name
 */
export function labelName(wish: string, taken: readonly string[]): string {
  const word = wish
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '');
  return freeName(word.slice(0, longestLabel).replace(/-+$/, ''), taken);
}

/** Leaves room for a number, and for what a cluster puts behind it. */
const longestLabel = 40;

function against({ type, required }: Parameter, value: string): string | undefined {
  if (value.trim() === '') return required ? 'required' : undefined;
  if (type === 'number' && !Number.isFinite(Number(value))) return 'number';
  return undefined;
}

/**
 * The questions of a deployment that runs already: what was answered stands there as the default. A secret that is
 * left empty stays as it is, so that none is required.
 *
 * @param answered as the deployment shows them, without the secret ones
 */
export function againWith(
  parameters: readonly Parameter[],
  answered: CreateDeploymentInput['parameters'],
): Parameter[] {
  return parameters.map((parameter) =>
    parameter.secret
      ? { ...parameter, required: false, default: undefined }
      : { ...parameter, default: answered[parameter.name] ?? parameter.default },
  );
}

/** What is sent: each value in its type; what was left empty is left to the package's default. */
export function toParameters(
  parameters: readonly Parameter[],
  values: readonly string[],
): CreateDeploymentInput['parameters'] {
  const given: CreateDeploymentInput['parameters'] = {};
  for (const [index, { name, type }] of parameters.entries()) {
    const value = values[index] ?? '';
    if (value.trim() === '') continue;
    if (type === 'number') given[name] = Number(value);
    else given[name] = type === 'boolean' ? value === 'true' : value;
  }
  return given;
}

/**
 * A name for a deployment by Heat's rule (a letter first; then letters, digits, `_`, `.`, `-`).
 *
 * @param wish the package's name
 * @param taken names that deployments of the site have
 * @returns the wish as far as the rule allows, with a number where it is taken
 */
export function freeName(wish: string, taken: readonly string[]): string {
  const word = wish.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^[^a-z]+|[^\w]+$/gi, '');
  const base = word === '' ? 'app' : word;
  for (let count = 1; ; count++) {
    const end = count === 1 ? '' : `-${count}`;
    const name = base.slice(0, longestName - end.length) + end;
    if (!taken.includes(name)) return name;
  }
}
