import { z } from 'zod';
import {
  createVmInput,
  sshPublicKey,
  type CreateVmInput,
  type PlanVmInput,
} from '@/server/workbench/schemas';

/** The page's form: what the API takes, with the keys as the text a person pastes, one a line. */
export const createVmForm = createVmInput.omit({ sshKeys: true }).extend({
  userData: createVmInput.shape.userData.unwrap(),
  sshKeys: z.string().refine((text) => linesOf(text).every((line) => sshPublicKey.safeParse(line).success)),
});
export type CreateVmForm = z.infer<typeof createVmForm>;

/** The lines that hold something. */
function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** The form's values as the API takes them. */
export function toInput({ sshKeys, userData, files = [], ...values }: CreateVmForm): CreateVmInput {
  return {
    ...values,
    sshKeys: linesOf(sshKeys),
    ...(userData.trim() === '' ? {} : { userData }),
    ...(files.length > 0 && { files }),
  };
}

/**
 * What can be asked about choices that may be half typed: what is not valid yet is left out.
 *
 * @returns undefined while there is nothing to ask about
 */
export function toChoices(values: Partial<CreateVmForm>): PlanVmInput | undefined {
  if (values.siteId === undefined || values.siteId === '') return undefined;
  const valid = (name: 'imageId' | 'flavor' | 'network' | 'cloud' | 'name') => {
    const parsed = createVmInput.shape[name].safeParse(values[name]);
    return parsed.success ? { [name]: parsed.data } : {};
  };
  return {
    siteId: values.siteId,
    ...valid('imageId'),
    ...valid('flavor'),
    ...valid('network'),
    ...(values.cloud === undefined ? {} : valid('cloud')),
    ...valid('name'),
  };
}

/**
 * A free name for the next VM, made of the project's.
 *
 * @param projectName as people wrote it; what a host name cannot hold is left out
 * @param taken the names there are
 */
export function suggestName(projectName: string, taken: readonly string[]): string {
  const base =
    projectName
      .normalize('NFKD')
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 40)
      .replace(/-+$/, '') || 'vm';
  let number = 1;
  while (taken.includes(`${base}-${number}`)) number += 1;
  return `${base}-${number}`;
}
