import type { Parameter } from './deployment-form';

/**
 * What one form asks for several edges: each question once, its choices those that all edges have.
 *
 * @param plans parameters as each edge's plan has them
 */
export function commonParameters(plans: readonly (readonly Parameter[])[]): Parameter[] {
  const found = new Map<string, Parameter>();
  for (const parameters of plans) {
    for (const parameter of parameters) {
      const before = found.get(parameter.name);
      found.set(parameter.name, before ? both(before, parameter) : parameter);
    }
  }
  return [...found.values()];
}

function both(one: Parameter, other: Parameter): Parameter {
  const required = one.required || other.required;
  if (one.choices === undefined || other.choices === undefined) {
    return { ...one, required, choices: one.choices ?? other.choices };
  }
  return { ...one, required, choices: one.choices.filter((choice) => other.choices?.includes(choice)) };
}
