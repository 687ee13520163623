/** Inputs and outputs of the containers room, for tRPC, REST and the pages. */
import { z } from 'zod';
import { siteKinds } from '../sites/site';
import { workloadEndpointSchema, workloadPartSchema } from '../sites/workload-schemas';
import { paramsSchema, reportSchema } from '../problem-schema';

const id = z.string().min(1).max(64);
/** `sha256:` and 64 hex digits. */
export const digestSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** Where an image came from: a file, another registry by its whole reference, or another image of ours. */
const containerSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('upload'), fileName: z.string() }),
  z.object({ kind: z.literal('pull'), from: z.string() }),
  z.object({ kind: z.literal('known'), imageId: z.string() }),
]);
export type ContainerSource = z.infer<typeof containerSource>;

export const containerImage = z.object({
  id: z.string(),
  projectId: z.string(),
  /** With its whole path; `docker.io/library/nginx` is called `nginx`, as Docker shows it. */
  name: z.string(),
  /** Empty for one that is named by digest only. */
  tag: z.string(),
  /** Of the manifest, or of the index over several platforms. */
  digest: z.string(),
  mediaType: z.string(),
  /** Of the config of each platform: the "image id" that Docker shows. */
  configDigests: z.array(z.string()),
  /** As `os/architecture` or `os/architecture/variant`. */
  platforms: z.array(z.string()),
  /** Bytes of everything the digest names. */
  size: z.number(),
  /** How many different layers there are over all platforms. */
  layers: z.number(),
  source: containerSource,
  createdBy: z.string().nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type ContainerImage = z.infer<typeof containerImage>;

/** Something of the house that names an image; it cannot be deleted before. */
const containerUse = z.object({
  kind: z.enum(['deploymentText', 'testDeployment', 'package', 'release', 'deployment']),
  id: z.string(),
  name: z.string(),
  href: z.string().nullable(),
});
export type ContainerUse = z.infer<typeof containerUse>;

/** What one platform of an image is made of. */
export const platformDetail = z.object({
  platform: z.string(),
  digest: z.string(),
  configDigest: z.string(),
  size: z.number(),
  created: z.string().nullable(),
  user: z.string(),
  entrypoint: z.array(z.string()),
  command: z.array(z.string()),
  /** `80/tcp` and so on. */
  ports: z.array(z.string()),
  layers: z.array(z.object({ digest: z.string(), size: z.number(), mediaType: z.string() })),
});
export type PlatformDetail = z.infer<typeof platformDetail>;

export const containerImageDetail = containerImage.extend({
  /** How a person pulls it from the workbench's registry, by digest. */
  pullName: z.string(),
  contents: z.array(platformDetail),
  usedBy: z.array(containerUse),
});
export type ContainerImageDetail = z.infer<typeof containerImageDetail>;

/** States of an archive that is being sent: bytes still come; all came and the manifests are written; over. */
export const uploadStates = ['receiving', 'storing', 'done', 'failed'] as const;
export type UploadState = (typeof uploadStates)[number];

export const containerUpload = z.object({
  id: z.string(),
  projectId: z.string(),
  fileName: z.string(),
  /** Bytes announced, and bytes that are safe here. */
  size: z.number(),
  received: z.number(),
  state: z.enum(uploadStates),
  error: reportSchema.nullable(),
  jobId: z.string().nullable(),
  imageIds: z.array(z.string()),
  createdAt: z.number(),
});
export type ContainerUpload = z.infer<typeof containerUpload>;

/** Metadata of a tus upload to `/api/v1/containers/uploads`. */
export const uploadMetadata = z.object({
  filename: z.string().min(1).max(255),
  projectId: id,
  /** `name:tag` for an archive whose one image carries no name. */
  name: z.string().max(300).optional(),
});
export type UploadMetadata = z.infer<typeof uploadMetadata>;

/** A name that stays one: no path, nothing that leads elsewhere. */
const plainName = z
  .string()
  .min(1)
  .max(255)
  // eslint-disable-next-line no-control-regex
  .regex(/^(?!\.{1,2}$)[^/\\\u0000-\u001f]+$/);

const chunkBytes = z.int().min(1);
/** A chunk as vue-simple-uploader describes it. */
export const archiveChunk = z.object({
  /** What the sender calls the upload: its `identifier`. */
  key: z
    .string()
    .min(1)
    .max(300)
    .regex(/^[\p{L}\p{N}][\p{L}\p{N}_:-]*$/u),
  filename: plainName,
  /** From 1. */
  chunkNumber: z.int().min(1),
  totalChunks: z.int().min(1).max(1_000_000),
  chunkSize: chunkBytes,
  currentChunkSize: chunkBytes,
  totalSize: chunkBytes,
});
export type ArchiveChunk = z.infer<typeof archiveChunk>;

export const knownInput = z.object({
  projectId: id,
  /** Digests of manifests, indexes or configs ("image ids"). */
  digests: z.array(digestSchema).max(500),
});
export type KnownInput = z.infer<typeof knownInput>;
/** Images of projects the asker may see that have one of the digests. */
export const knownImages = z.array(
  z.object({ digest: z.string(), image: containerImage, sameProject: z.boolean() }),
);
export type KnownImage = z.infer<typeof knownImages>[number];

/** An image that is already there takes a further name, without a byte sent. */
export const adoptInput = z.object({ projectId: id, imageId: id, name: z.string().min(1).max(300) });
export type AdoptInput = z.infer<typeof adoptInput>;

const platform = z.object({
  os: z.string().min(1).max(32),
  architecture: z.string().min(1).max(32),
  variant: z.string().min(1).max(32).optional(),
});

export const pullInput = z.object({
  /** As `docker pull` takes it: `nginx`, `nginx:1`, `quay.io/a/b@sha256:…`. */
  reference: z.string().trim().min(1).max(500),
  /** Absent: all platforms of the image. */
  platforms: z.array(platform).min(1).max(20).optional(),
  /** For a registry that asks for one; used for this pull only. */
  login: z.object({ user: z.string().min(1).max(200), password: z.string().min(1).max(4096) }).optional(),
  /** PEM of the registry's CA, where it is not a public one. */
  ca: z.string().max(100_000).optional(),
  /** Speak without TLS: everybody on the way can read and change what is pulled. */
  plainHttp: z.boolean().optional(),
});
export type PullInput = z.infer<typeof pullInput>;

const textKinds = ['chart', 'manifests'] as const;
export type TextKind = (typeof textKinds)[number];

/** One file of a Helm chart; binary files have no text. */
const chartFile = z.object({ path: z.string(), size: z.number(), text: z.string().nullable() });

/** What a container app is deployed by. */
export const deploymentText = z.object({
  projectId: z.string(),
  kind: z.enum(textKinds),
  fileName: z.string(),
  /** The manifests; empty for a chart. */
  text: z.string(),
  /** Files of the chart; empty for manifests. */
  files: z.array(chartFile),
  updatedAt: z.number(),
  updatedBy: z.string().nullable(),
});
export type DeploymentText = z.infer<typeof deploymentText>;

export const maxTextBytes = 2 * 1024 * 1024;
export const maxChartBytes = 4 * 1024 * 1024;

const manifests = z.object({ kind: z.literal('manifests'), text: z.string().max(maxTextBytes) });
/** A chart as its archive, or single files of the one that is there. */
const chart = z.object({
  kind: z.literal('chart'),
  fileName: z.string().min(1).max(255),
  /** Base64 of the `.tgz`. */
  archive: z.base64().max(Math.ceil(maxChartBytes / 3) * 4),
});
const chartEdit = z.object({
  kind: z.literal('chartFiles'),
  files: z.array(z.object({ path: z.string().min(1).max(300), text: z.string().max(maxTextBytes) })).max(200),
});
export const textContent = z.discriminatedUnion('kind', [manifests, chart, chartEdit]);
export type TextContent = z.infer<typeof textContent>;

export const saveTextInput = z.object({
  projectId: id,
  content: textContent,
  /** `updatedAt` of what was edited, null for the first: another's change in between is not overwritten. */
  basedOn: z.number().nullable(),
});
export type SaveTextInput = z.infer<typeof saveTextInput>;

export const checkTextInput = z.object({
  projectId: id,
  /** Absent: what is stored. */
  content: textContent.optional(),
});
export type CheckTextInput = z.infer<typeof checkTextInput>;

/** A remark on the text. Errors keep it from being deployed. */
const textFinding = z.object({
  severity: z.enum(['error', 'warning']),
  /** File of the chart; empty for manifests. */
  file: z.string(),
  /** From 1; null where no line is meant. */
  line: z.number().nullable(),
  column: z.number().nullable(),
  /** Message key suffix: `containers.rules.<rule>` says it in words. */
  rule: z.string(),
  params: paramsSchema,
  /** Foreign words (YAML parser, helm), shown as they are. */
  detail: z.string().optional(),
});
export type TextFinding = z.infer<typeof textFinding>;

const textObject = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  namespace: z.string().nullable(),
  line: z.number().nullable(),
});

/** An image that the text names, and which of ours that is. */
const namedImage = z.object({
  /** As it is written. */
  reference: z.string(),
  /** `Deployment/web: nginx`: object and container, each that names it. */
  usedIn: z.array(z.string()),
  line: z.number().nullable(),
  /** Ours, by name and tag or digest; null when we do not hold it. */
  image: containerImage.nullable(),
  /** The job that fetches it now. */
  jobId: z.string().nullable(),
});
export type NamedImage = z.infer<typeof namedImage>;

export const textCheck = z.object({
  findings: z.array(textFinding),
  objects: z.array(textObject),
  images: z.array(namedImage),
  /** Why a chart cannot be looked through here: helm is missing, say. */
  notRendered: reportSchema.nullable(),
});
export type TextCheck = z.infer<typeof textCheck>;

const testStates = ['deploying', 'ready', 'notReady', 'failed', 'removing'] as const;
export type TestState = (typeof testStates)[number];
const testActions = ['remove', 'redeploy', 'logs'] as const;
export type TestAction = (typeof testActions)[number];

const workloadStatus = z.object({
  parts: z.array(workloadPartSchema),
  endpoints: z.array(workloadEndpointSchema),
  ready: z.boolean(),
});

/** A container project tried out on a site. */
export const testDeployment = z.object({
  id: z.string(),
  projectId: z.string(),
  siteId: z.string(),
  siteName: z.string(),
  /** DNS label; the namespace at a site that has namespaces. */
  name: z.string(),
  state: z.enum(testStates),
  /** Undefined before anything was seen of it. */
  status: workloadStatus.nullable(),
  /** What runs: `name:tag` and the digest it was deployed by. */
  images: z.array(z.object({ name: z.string(), digest: z.string() })),
  error: reportSchema.nullable(),
  jobId: z.string().nullable(),
  /** Message key by action of why it is not possible now; null where nothing stands in the way. */
  refusals: z.object({
    remove: z.string().nullable(),
    redeploy: z.string().nullable(),
    logs: z.string().nullable(),
  }),
  createdBy: z.string(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type TestDeployment = z.infer<typeof testDeployment>;

/** A site that a container project can be tried out on, and why it cannot now. */
export const deployTarget = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(siteKinds),
  problem: reportSchema.nullable(),
});
export type DeployTarget = z.infer<typeof deployTarget>;

export const deployInput = z.object({
  projectId: id,
  siteId: id,
  // A DNS label (RFC 1123): it becomes the namespace's name.
  name: z
    .string()
    .min(1)
    .max(63)
    .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/),
  /** Of a chart: YAML that goes over its values. */
  values: z.string().max(100_000).optional(),
  requestKey: z.string().max(100).optional(),
});
export type DeployInput = z.infer<typeof deployInput>;

export const logsInput = z.object({
  deploymentId: id,
  part: z.string().max(300),
  container: z.string().max(300),
  tailLines: z.int().min(1).max(10_000).default(200),
});
export type LogsInput = z.input<typeof logsInput>;
