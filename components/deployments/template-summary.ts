import { parse } from 'yaml';
import { z } from 'zod';

/** What a stack will have, as far as people ask. */
export interface TemplateSummary {
  vms: { name: string; flavor: string }[];
  /** Networks of the app's own. */
  networks: number;
  /** Network cards. */
  cards: number;
  /** Ports let in from everywhere: `tcp/22`, `icmp`. */
  open: string[];
}

const number = z.union([z.number(), z.string()]).transform(Number);
const rule = z.object({
  protocol: z.string().default('tcp'),
  port_range_min: number.optional(),
  port_range_max: number.optional(),
});
const resource = z.object({ type: z.string(), properties: z.record(z.string(), z.unknown()).default({}) });
const template = z.object({ resources: z.record(z.string(), resource).default({}) });

/**
 * Counts what a HOT template makes (docs.openstack.org/heat, "Template Guide").
 *
 * @param text YAML
 * @returns undefined for a text that is no template
 */
export function templateSummary(text: string): TemplateSummary | undefined {
  const read = template.safeParse(parsed(text));
  if (!read.success) return undefined;
  const of = (type: string) => Object.entries(read.data.resources).filter(([, each]) => each.type === type);
  const rules = of('OS::Neutron::SecurityGroup').flatMap(([, { properties }]) => {
    const found = z.array(rule).safeParse(properties['rules']);
    return found.success ? found.data : [];
  });
  return {
    vms: of('OS::Nova::Server').map(([name, { properties }]) => ({
      name: textOf(properties['name']) ?? name,
      flavor: textOf(properties['flavor']) ?? '',
    })),
    networks: of('OS::Neutron::Net').length,
    cards: of('OS::Neutron::Port').length,
    open: [...new Set(rules.map(ruleWords))],
  };
}

function ruleWords({ protocol, port_range_min: from, port_range_max: to }: z.infer<typeof rule>): string {
  if (from === undefined) return protocol;
  return to === undefined || to === from ? `${protocol}/${from}` : `${protocol}/${from}-${to}`;
}

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
