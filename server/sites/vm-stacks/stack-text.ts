/** What a stack of VMs is on a site without a service for stacks: a text that says each VM, its network and its ports. */
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { Problem } from '../../problem';
import type { AppInput, AppTopology, AppValue, AppVm } from '../stacks';

const value = z.union([z.string(), z.object({ parameter: z.string() })]);
type Value = z.infer<typeof value>;

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const stackVm = z.object({
  name: z.string(),
  /** Name of the image in the package. */
  image: z.string(),
  vcpus: z.int().positive(),
  memoryMiB: z.int().positive(),
  diskGiB: z.int().positive(),
  /** Name of a network of the site; without one the VM has no card. */
  network: value.optional(),
  serves: z.array(z.object({ protocol: z.enum(['tcp', 'udp']), port: z.int().min(1).max(65_535) })),
  userData: z.object({ contents: z.string(), params: z.record(z.string(), value) }).optional(),
});
export type StackVm = z.infer<typeof stackVm>;

const stackText = z.object({
  edgeyardStack: z.literal(1),
  description: z.string(),
  parameters: z.record(z.string(), z.object({ type: z.string(), default: scalar.optional() })),
  vms: z.record(z.string(), stackVm),
});
export type StackText = z.infer<typeof stackText>;

/**
 * Writes a topology down; the same one gives the same text.
 *
 * @param inputs as the person is asked for them at the site
 * @param networks what each network of the topology is at the site, by node
 * @returns YAML
 */
export function writeStack(
  topology: AppTopology,
  inputs: readonly AppInput[],
  networks: ReadonlyMap<string, AppValue>,
): string {
  const text: StackText = {
    edgeyardStack: 1,
    description: `${topology.name} ${topology.version}`,
    parameters: Object.fromEntries(
      inputs.map(({ name, type, default: preset }) => [
        name,
        { type, ...(preset !== undefined && { default: preset }) },
      ]),
    ),
    vms: Object.fromEntries(topology.vms.map((vm) => [vm.node, vmOf(vm, networks)])),
  };
  return stringify(text, { lineWidth: 0, aliasDuplicateObjects: false });
}

function vmOf(vm: AppVm, networks: ReadonlyMap<string, AppValue>): StackVm {
  const { name, image, vcpus, memoryMiB, diskGiB, userData, cards } = vm;
  const [card] = cards;
  const network = card && networks.get(card.network);
  const served = new Map(
    cards.flatMap(({ serves }) => serves.map((each) => [`${each.protocol}/${each.port}`, each] as const)),
  );
  return {
    name,
    image,
    vcpus,
    memoryMiB,
    diskGiB,
    ...(network !== undefined && { network: written(network) }),
    serves: [...served.values()],
    ...(userData && {
      userData: {
        contents: userData.contents,
        params: Object.fromEntries(
          Object.entries(userData.params).map(([param, each]) => [param, written(each)]),
        ),
      },
    }),
  };
}

const written = (from: AppValue): Value => (typeof from === 'string' ? from : { parameter: from.input });

/**
 * Reads what {@link writeStack} wrote.
 *
 * @throws Problem `invalid` for another text
 */
export function readStack(text: string): StackText {
  let raw: unknown;
  try {
    raw = parse(text);
  } catch (error) {
    throw new Problem('invalid', 'sites.errors.badStack', {}, { detail: String(error), cause: error });
  }
  const read = stackText.safeParse(raw);
  if (read.success) return read.data;
  throw new Problem('invalid', 'sites.errors.badStack', {}, { detail: z.prettifyError(read.error) });
}

/** What the person filled in, or the text's own default. */
export type ParameterValues = Readonly<Record<string, string | number | boolean>>;

/**
 * A value with its parameter put in.
 *
 * @returns undefined for a parameter that has neither a value nor a default
 */
export function valueIn(text: StackText, from: Value, values: ParameterValues): string | undefined {
  if (typeof from === 'string') return from;
  const given = values[from.parameter] ?? text.parameters[from.parameter]?.default;
  return given === undefined ? undefined : String(given);
}

/** User data of a VM, with its parameters put in where `$name$` stands, as EdgeGallery marks them. */
export function userDataIn(text: StackText, vm: StackVm, values: ParameterValues): string | undefined {
  if (!vm.userData) return undefined;
  const { contents, params } = vm.userData;
  // One pass: what a value says is not looked into again.
  return contents.replace(/\$(\w+)\$/g, (mark, name: string) => {
    const param = params[name];
    return param === undefined ? mark : (valueIn(text, param, values) ?? '');
  });
}
