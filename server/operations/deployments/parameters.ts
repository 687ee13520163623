import { Problem } from '../../problem';
import type { AppInput } from '../../sites/stacks';
import type { CreateDeploymentInput } from './schemas';

export type Parameters = CreateDeploymentInput['parameters'];

/**
 * Parts what the person filled in into what may be shown and what may not.
 *
 * @param kept secret values of before, which stand where none is given
 * @throws Problem `invalid` for parameters that are missing, unknown, of another type or not on the site
 */
export function sortedParameters(
  inputs: readonly Omit<AppInput, 'default'>[],
  given: Parameters,
  kept: Readonly<Record<string, string>> = {},
): { open: Parameters; hidden: Record<string, string> } {
  const unknown = Object.keys(given).find((name) => !inputs.some((input) => input.name === name));
  if (unknown !== undefined)
    throw new Problem('invalid', 'deployments.errors.unknownParameter', { name: unknown });
  const open: Parameters = {};
  const hidden: Record<string, string> = {};
  for (const { name, type, required, secret, choices } of inputs) {
    const value =
      given[name] === '' || given[name] === undefined ? keptValue(name, secret, kept) : given[name];
    if (value === undefined) {
      if (required) throw new Problem('invalid', 'deployments.errors.missingParameter', { name });
      continue;
    }
    if (typeof value !== type) throw new Problem('invalid', 'deployments.errors.wrongType', { name, type });
    if (choices && !choices.includes(String(value)))
      throw new Problem('invalid', 'deployments.errors.notOnSite', { name, value: String(value) });
    if (secret) hidden[name] = String(value);
    else open[name] = value;
  }
  return { open, hidden };
}

function keptValue(
  name: string,
  secret: boolean,
  kept: Readonly<Record<string, string>>,
): string | undefined {
  return secret && Object.hasOwn(kept, name) ? kept[name] : undefined;
}
