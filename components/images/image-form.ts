import { z } from 'zod';
import {
  imageChanges,
  imageFacts,
  incomingFormats,
  sha256Hex,
  visibilities,
  type IncomingFormat,
  type Visibility,
} from '@/server/images/schemas';

const blankAsNone = (text: unknown) => (typeof text === 'string' && text.trim() === '' ? undefined : text);

/** The facts as a form has them: every empty field is a text of no length. */
const facts = z.object({
  name: imageFacts.shape.name,
  description: z.string().max(2000),
  os: z.preprocess(blankAsNone, imageFacts.shape.os),
  login: z.preprocess(blankAsNone, imageFacts.shape.login),
  cloudInit: z.boolean(),
  visibility: z.enum(visibilities),
  projectId: z.preprocess(blankAsNone, imageFacts.shape.projectId),
  format: z.enum(incomingFormats),
});

const needsProject = (values: { visibility: string; projectId?: string | undefined }) =>
  values.visibility !== 'project' || values.projectId !== undefined;
const projectRule = { path: ['projectId'], error: 'projectId' };

export const uploadForm = facts
  .extend({ checksum: z.preprocess(blankAsNone, sha256Hex.optional()) })
  .refine(needsProject, projectRule);
export const fetchForm = facts
  .extend({ url: z.url({ protocol: /^https?$/ }).max(2000), sha256: sha256Hex })
  .refine(needsProject, projectRule);

const blankAsNull = (text: unknown) => (text === null || blankAsNone(text) === undefined ? null : text);

/** Changes of an image; an emptied field takes its fact away. */
export const editForm = z.object({
  name: imageFacts.shape.name,
  description: z.string().max(2000),
  os: z.preprocess(blankAsNull, imageChanges.shape.os),
  login: z.preprocess(blankAsNull, imageChanges.shape.login),
  cloudInit: z.boolean(),
  minMemoryMiB: z.coerce.number().int().min(16).max(1_048_576),
  visibility: z.enum(visibilities),
});
export interface EditValues {
  name: string;
  description: string;
  os: string;
  login: string;
  cloudInit: boolean;
  /** A text while somebody types. */
  minMemoryMiB: string;
  visibility: Visibility;
}

/** Values while somebody types. */
export interface ImageFactsValues {
  name: string;
  description: string;
  os: string;
  login: string;
  cloudInit: boolean;
  visibility: Visibility;
  projectId: string;
  format: IncomingFormat;
}
export interface UploadValues extends ImageFactsValues {
  checksum: string;
}
export interface FetchValues extends ImageFactsValues {
  url: string;
  sha256: string;
}

export const emptyFacts: ImageFactsValues = {
  name: '',
  description: '',
  os: '',
  login: '',
  cloudInit: true,
  visibility: 'everyone',
  projectId: '',
  format: 'qcow2',
};

const magics: [IncomingFormat, number, string][] = [
  ['qcow2', 0, 'QFI\u00fb'],
  ['vmdk', 0, 'KDMV'],
  ['vmdk', 0, '# Disk DescriptorFile'],
  ['vhdx', 0, 'vhdxfile'],
  ['vdi', 64, '\u007f\u0010\u00da\u00be'],
];

/**
 * What a chosen file seems to be, to fill the form in; the server reads the header itself.
 *
 * @returns format by the file's first bytes, else by its ending, and a name for the image
 */
export async function guessFrom(file: File): Promise<{ format: IncomingFormat; name: string }> {
  const match = /^(.*)\.([^.]+)$/.exec(file.name);
  const bytes = new Uint8Array(await file.slice(0, 512).arrayBuffer());
  const start = String.fromCodePoint(...bytes);
  const known = magics.find(([, at, magic]) => start.startsWith(magic, at))?.[0];
  const byEnding = match?.[2]?.toLowerCase() === 'iso' ? 'iso' : 'raw';
  return { format: known ?? byEnding, name: match?.[1] ?? file.name };
}
