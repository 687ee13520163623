import { parseDocument } from 'yaml';
import { z } from 'zod';
import { Problem } from '../../problem';
import type { AppCard, AppInput, AppNetwork, AppTopology, AppValue, AppVm } from '../../sites/stacks';

const functionCall = z.record(z.string(), z.unknown());
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const input = z.object({
  type: z.string().catch('string'),
  description: z.string().catch(''),
  default: scalar.optional().catch(undefined),
  required: z.boolean().optional().catch(undefined),
});
const node = z.object({
  type: z.string(),
  properties: z.record(z.string(), z.unknown()).catch({}),
  capabilities: z.record(z.string(), z.unknown()).catch({}),
  requirements: z.array(z.record(z.string(), z.unknown())).catch([]),
});
type Node = z.infer<typeof node>;
const template = z.object({
  metadata: z.record(z.string(), z.unknown()).catch({}),
  topology_template: z.object({
    inputs: z.record(z.string(), input.catch(input.parse({}))).catch({}),
    node_templates: z.record(z.string(), node),
  }),
});

/**
 * Reads what a descriptor asks for out of its TOSCA (ETSI GS NFV-SOL 001, in the dialect of EdgeGallery's packages). Of a
 * value it does not understand, what most packages mean is taken: their own samples are full of slips, and the person
 * sees the outcome before anything is sent.
 *
 * @param text YAML of the descriptor
 * @throws Problem `invalid` when it is no descriptor of VMs
 */
export function topologyOf(text: string): AppTopology {
  const parsed = template.safeParse(parseDocument(text, { strict: false }).toJS());
  if (!parsed.success) {
    throw new Problem('invalid', 'packages.errors.noTopology', {}, { detail: z.prettifyError(parsed.error) });
  }
  const { metadata, topology_template: topology } = parsed.data;
  const nodes = Object.entries(topology.node_templates);
  const ofType = (suffix: string) => nodes.filter(([, { type }]) => type.endsWith(suffix));
  const networks = ofType('VnfVirtualLink').map(([name, each]) => networkOf(name, each));
  const cards = ofType('VduCp').map(([name, each]) => ({
    ...cardOf(name, each),
    vm: target(each, 'virtual_binding'),
  }));
  const computes = ofType('Vdu.Compute');
  if (computes.length === 0) throw new Problem('invalid', 'packages.errors.noTopology');
  return {
    name: textAt(metadata, 'vnfd_name') ?? textAt(metadata, 'template_name') ?? 'app',
    version: textAt(metadata, 'vnfd_version') ?? textAt(metadata, 'template_version') ?? '1.0',
    inputs: Object.entries(topology.inputs).map(([name, each]) => inputOf(name, each)),
    networks,
    vms: computes.map(([name, each], index) =>
      // With one VM a card bound to a node of another name can only mean this one.
      vmOf(
        name,
        each,
        cards.filter(({ vm }) => vm === name || (computes.length === 1 && index === 0)),
      ),
    ),
  };
}

function inputOf(
  name: string,
  { type, description, default: value, required }: z.infer<typeof input>,
): AppInput {
  const kind = /int|float|number/i.test(type) ? 'number' : /bool/i.test(type) ? 'boolean' : 'string';
  return {
    name,
    type: kind,
    description,
    default: value,
    required: required ?? (value === undefined || value === ''),
    // EdgeGallery's names of the access key pair, and what anybody would call such a thing.
    secret: /^(ak|sk)$|password|passwd|secret|token/i.test(name),
  };
}

function networkOf(name: string, { properties }: Node): AppNetwork {
  const profile = recordAt(properties, 'vl_profile');
  const layers = profile['l3_protocol_data'];
  const first: unknown = Array.isArray(layers) ? layers[0] : layers;
  const range = textAt(asRecord(first), 'cidr');
  return { node: name, name: valueOf(profile['network_name']) ?? name, range };
}

function cardOf(name: string, each: Node): AppCard {
  const description = textAt(each.properties, 'description') ?? '';
  const addresses = each.properties['attributes'] ?? each.properties['ip_address'];
  return {
    node: name,
    network: target(each, 'virtual_link') ?? '',
    address: valueOf(asRecord(addresses)['ipv4_address'] ?? addresses),
    // How our own descriptors write down what a VM serves.
    serves: [...description.matchAll(/\b(tcp|udp)\/(\d+)/g)].map(([, protocol, port]) => ({
      protocol: protocol as 'tcp' | 'udp',
      port: Number(port),
    })),
  };
}

function vmOf(name: string, { properties, capabilities }: Node, cards: (AppCard & { vm: unknown })[]): AppVm {
  const virtual = recordAt(asRecord(capabilities['virtual_compute']), 'properties');
  const boot = recordAt(properties, 'bootdata');
  const user = recordAt(boot, 'user_data');
  const contents = textAt(user, 'contents');
  const params = Object.entries(recordAt(user, 'params')).flatMap(([key, raw]): [string, AppValue][] => {
    const value = valueOf(raw);
    return value === undefined ? [] : [[key, value]];
  });
  const images = textAt(recordAt(properties, 'sw_image_data'), 'name') ?? '';
  return {
    node: name,
    name: textAt(properties, 'name') ?? name,
    vcpus: numberAt(recordAt(virtual, 'virtual_cpu'), 'num_virtual_cpu') ?? 1,
    memoryMiB: numberAt(recordAt(virtual, 'virtual_memory'), 'virtual_mem_size') ?? 512,
    diskGiB: numberAt(recordAt(virtual, 'virtual_local_storage'), 'size_of_storage') ?? 1,
    image: images,
    zone: valueOf(properties['nfvi_constraints']),
    userData: contents === undefined ? undefined : { contents, params: Object.fromEntries(params) },
    cards: cards.map(({ vm: _vm, ...card }) => card),
  };
}

/** The node a requirement names. */
function target({ requirements }: Node, requirement: string): string | undefined {
  for (const each of requirements) {
    const value = each[requirement];
    if (typeof value === 'string') return value;
    const named = textAt(asRecord(value), 'node');
    if (named !== undefined) return named;
  }
  return undefined;
}

/** A literal or an input; a list counts by its first item, a misspelt `get_…` as the `get_input` it means. */
function valueOf(raw: unknown): AppValue | undefined {
  if (Array.isArray(raw)) return valueOf(raw[0]);
  const literal = scalar.safeParse(raw);
  if (literal.success) return String(literal.data);
  const call = functionCall.safeParse(raw);
  if (!call.success) return undefined;
  const [word, argument] = Object.entries(call.data)[0] ?? [];
  return word?.startsWith('get_') === true && typeof argument === 'string' ? { input: argument } : undefined;
}

function asRecord(value: unknown): Record<string, unknown> {
  const read = functionCall.safeParse(value);
  return read.success ? read.data : {};
}

const recordAt = (record: Record<string, unknown>, key: string) => asRecord(record[key]);

function textAt(record: Record<string, unknown>, key: string): string | undefined {
  const value = record[key];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** A number, also out of `512 MB`: SOL 001 counts memory in MB and storage in GB, with or without the unit. */
function numberAt(record: Record<string, unknown>, key: string): number | undefined {
  const [, digits, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)/.exec(textAt(record, key) ?? '') ?? [];
  if (digits === undefined) return undefined;
  const factor = key === 'virtual_mem_size' && /^gi?b/i.test(unit) ? 1024 : 1;
  return Math.ceil(Number(digits) * factor);
}
