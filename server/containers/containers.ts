/** The containers room: container images of projects, the text they are deployed by, and trying that out. */
import type { Readable } from 'node:stream';
import { authorize, type Actor, type Authorized, type UserActor } from '../access/actor';
import type { RawRoute } from '../content/raw-route';
import type { Job } from '../jobs/job';
import { Problem } from '../problem';
import type { ImageUse } from '../registries/registries';
import { asking } from '../registries/registry-problem';
import { imageArchive } from './archive/write-archive';
import { projectBelongings } from './belongings';
import { openChunks, type ArchiveChunks } from './chunks';
import { describeImage } from './describe';
import { openImageRows, viewOf, type ContainerImageRow } from './image-rows';
import { familiarName, parseReference } from '../sites/image-reference';
import { repositoryOf } from './names';
import { packageFacts } from './package-facts';
import type { ContainerPorts } from './ports';
import { openPulls } from './pull-job';
import { dropManifest, enterImage } from './put-image';
import { openTestDeployments } from './test-deployments';
import { openTexts } from './text/texts';
import { openUploads } from './uploads';
import { usesOfImage } from './uses';
import type { ContainerFacts } from '../packages/order';
import type { BelongingsKeeper } from '../workbench/ports';
import type { WorkloadEvent } from '../sites/workloads';
import type {
  AdoptInput,
  CheckTextInput,
  ContainerImage,
  ContainerImageDetail,
  ContainerUpload,
  DeployInput,
  DeploymentText,
  DeployTarget,
  KnownImage,
  KnownInput,
  LogsInput,
  PullInput,
  SaveTextInput,
  TestDeployment,
  TextCheck,
} from './schemas';

/** The text a project is deployed by. */
export interface DeploymentTexts {
  /** @returns null before anything was saved. @throws Problem `not_found` */
  get(actor: Actor, projectId: string): DeploymentText | null;
  /**
   * Saves the text, whether it is right or not: what is wrong with it is said by `check`.
   *
   * @throws Problem `conflict` when it changed since `basedOn`; `invalid` for an archive that is no chart; `not_found`
   */
  save(actor: UserActor, input: SaveTextInput): Promise<DeploymentText>;
  /** @throws Problem `not_found` */
  remove(actor: UserActor, projectId: string): void;
  /** What is wrong with the text, what it makes, and which images it names. @throws Problem `not_found` */
  check(actor: Actor, input: CheckTextInput, signal: AbortSignal): Promise<TextCheck>;
  /**
   * Starts to fetch every image that the stored text names and that is not held.
   *
   * @returns a job for each; none when all are held
   * @throws Problem `not_found`, `conflict` without a text
   */
  fetchMissing(actor: UserActor, projectId: string, signal: AbortSignal): Promise<Job[]>;
}

/** Container projects tried out on sites. */
export interface TestDeployments {
  /** Sites that run containers, and what stands against one of them. */
  targets(): DeployTarget[];
  /** Newest first. @throws Problem `not_found` */
  list(actor: Actor, projectId: string): TestDeployment[];
  /** As the site tells of it now, or as it was last seen. @throws Problem `not_found` */
  get(actor: Actor, id: string, signal: AbortSignal): Promise<TestDeployment>;
  /** What happened around it at the site, oldest first. @throws Problem `not_found`, and what the site throws */
  events(actor: Actor, id: string, signal: AbortSignal): Promise<WorkloadEvent[]>;
  /**
   * Lines of a container's output.
   *
   * @param follow whether those that come later follow, until the signal aborts
   * @throws Problem `not_found`, `conflict` while nothing of it is there
   */
  logs(actor: Actor, input: LogsInput, follow: boolean, signal: AbortSignal): AsyncIterable<string>;
  /**
   * Starts to deploy the project's text.
   *
   * @throws Problem `not_found`; `conflict` without a text, for an image that is not held, a name that is taken;
   *   `invalid` for a text with errors
   */
  create(
    actor: UserActor,
    input: DeployInput,
    signal: AbortSignal,
  ): Promise<{ deployment: TestDeployment; job: Job }>;
  /** Starts to bring it to what the text says now. @throws Problem as `create` */
  redeploy(
    actor: UserActor,
    id: string,
    signal: AbortSignal,
  ): Promise<{ deployment: TestDeployment; job: Job }>;
  /** Starts to remove everything of it from the site. @throws Problem `not_found`, `conflict` while a job works on it */
  remove(actor: UserActor, id: string): Job;
  /** Those on a site, which keep it from being removed. */
  at(siteId: string): { id: string; name: string }[];
  /** Drops those of a site that is gone for good, without asking it; tells which. */
  forgetAt(siteId: string): { id: string; name: string }[];
}

export interface Containers {
  /** Images of a project by name. @throws Problem `not_found` */
  list(actor: Actor, projectId: string): ContainerImage[];
  /** An image, layer by layer, and what uses it. @throws Problem `not_found`, `unavailable` */
  get(actor: Actor, imageId: string, signal: AbortSignal): Promise<ContainerImageDetail>;
  /**
   * An image as a tar that `docker load` takes, streamed from the registry.
   *
   * @returns the tar, how many bytes it has, and a name for its file
   * @throws Problem `not_found`, `registries.errors.*`
   */
  archive(
    actor: Actor,
    imageId: string,
    signal: AbortSignal,
  ): Promise<{ fileName: string; size: number; content: Readable }>;
  /** Removes a name, and the bytes when it was the last of them. @throws Problem `not_found`, `conflict` while used */
  remove(actor: UserActor, imageId: string): Promise<void>;
  /** Archives that are being sent, or were lately. @throws Problem `not_found` */
  uploads(actor: Actor, projectId: string): ContainerUpload[];
  /** The same, sent in numbered chunks. */
  chunks: ArchiveChunks;
  /** Which of these digests somebody sent before. @throws Problem `not_found` */
  known(actor: Actor, input: KnownInput): KnownImage[];
  /** Gives an image that is there a further name. @throws Problem `not_found`, `invalid` */
  adopt(actor: UserActor, input: AdoptInput, signal: AbortSignal): Promise<ContainerImage>;
  /** Starts to fetch an image from a registry. @throws Problem `not_found`, `invalid` for a name that is none */
  pull(actor: UserActor, projectId: string, input: PullInput, requestKey?: string): Job;
  text: DeploymentTexts;
  deployments: TestDeployments;
  /** What goes into a package. @throws Problem `not_found`; `conflict` without a text, or with an image not held */
  packageFacts(actor: Actor, projectId: string): Promise<ContainerFacts>;
  /** Where in the workbench's registry a manifest lies; undefined when the actor sees no image of this digest. */
  locate(actor: Actor, digest: string): Promise<{ repository: string; digest: string } | undefined>;
  /** Images that are this manifest, for the registries' page and before it deletes one. */
  usesOf(digest: string): ImageUse[];
  /** What goes when a project is deleted. */
  belongings: BelongingsKeeper;
  /** Takes up what an earlier process left; called once, before jobs run. */
  open(): Promise<void>;
  /** Uploads (tus), on Node's own sockets. */
  rawRoutes: readonly RawRoute[];
  /** Ends what reads and watches. */
  close(): void;
}

/** Opens the room. */
export function openContainers(ports: ContainerPorts): Containers {
  const images = openImageRows(ports);
  const requireProject = (actor: Actor, projectId: string) => {
    if (!ports.canSee(actor, projectId)) throw new Problem('not_found', 'containers.errors.noProject');
    if (!ports.isContainerProject(projectId)) {
      throw new Problem('conflict', 'containers.errors.notContainerProject');
    }
  };
  const required = (actor: Actor, id: string): Authorized<ContainerImageRow> =>
    authorize(images.find(id), (row) => ports.canSee(actor, row.projectId), 'containers.errors.noImage');
  const retire = async (replaced: ContainerImageRow) => {
    // What runs it does so by digest, and packages name that: it stays under it, until somebody removes it.
    const byDigest = { ...replaced, tag: '' };
    if (uses(byDigest).length > 0) images.put(byDigest);
    else await dropManifest({ ports, images }, replaced);
  };
  const pulls = openPulls({ ports, images, retire });
  const texts = openTexts({ ports, images, pulls, requireProject });
  const deployments = openTestDeployments({ ports, texts, requireProject });
  const uploads = openUploads({ ports, images, retire, requireProject });
  const uses = (row: ContainerImageRow) => usesOfImage({ ports, texts, deployments }, row);
  const audit = (actor: UserActor, action: string, row: ContainerImageRow) => {
    const detail = { name: row.name, tag: row.tag, digest: row.digest };
    ports.audit({ actor, action, subject: { type: 'containerImage', id: row.id }, detail });
  };
  const removeRow = async (row: ContainerImageRow) => {
    images.remove(row.id);
    await dropManifest({ ports, images }, row);
  };

  return {
    list(actor, projectId) {
      requireProject(actor, projectId);
      return images.ofProject(projectId).map(viewOf);
    },
    async get(actor, imageId, signal) {
      const row = required(actor, imageId);
      const home = await ports.registries.of('workbench');
      const { registry, address } = home;
      const repository = repositoryOf(home, row);
      const { contents } = await asking(address, () =>
        describeImage(registry, repository, row.digest, signal),
      );
      const pullName = `${address}/${repository}@${row.digest}`;
      return { ...viewOf(row), contents, pullName, usedBy: uses(row) };
    },
    async archive(actor, imageId, signal) {
      const row = required(actor, imageId);
      const home = await ports.registries.of('workbench');
      const { host, path } = parseReference(row.name);
      const name = row.tag === '' ? '' : `${host}/${path}:${row.tag}`;
      const image = { repository: repositoryOf(home, row), digest: row.digest, name };
      const archive = await asking(home.address, () => imageArchive(home.registry, image, signal));
      return { ...archive, fileName: `${[row.name, row.tag].join('-').replace(/[^\w.-]+/g, '-')}.tar` };
    },
    async remove(actor, imageId) {
      const row = required(actor, imageId);
      const [use, ...more] = uses(row);
      if (use) {
        throw new Problem('conflict', 'containers.errors.imageUsed', { by: use.name, more: more.length });
      }
      await removeRow(row);
      audit(actor, 'containers.remove', row);
    },
    uploads(actor, projectId) {
      requireProject(actor, projectId);
      return uploads.list(projectId);
    },
    chunks: openChunks(ports, uploads),
    known(actor, { projectId, digests }) {
      requireProject(actor, projectId);
      return images
        .byDigests(digests)
        .filter((row) => ports.canSee(actor, row.projectId))
        .flatMap((row) =>
          digests
            .filter((digest) => row.digest === digest || row.configDigests.includes(digest))
            .map((digest) => ({ digest, image: viewOf(row), sameProject: row.projectId === projectId })),
        );
    },
    async adopt(actor, { projectId, imageId, name }, signal) {
      requireProject(actor, projectId);
      const from = required(actor, imageId);
      const reference = parseReference(name);
      const target = { projectId, name: familiarName(reference), tag: reference.tag };
      const home = await ports.registries.of('workbench');
      const { registry, address } = home;
      const path = repositoryOf(home, target);
      const there = repositoryOf(home, from);
      const { id: _id, createdAt: _createdAt, updatedAt: _updatedAt, ...facts } = from;
      const source = { kind: 'known' as const, imageId: from.id };
      const { row, replaced } = await enterImage({ ports, images }, target, async () => {
        await asking(address, () =>
          ports.copyArtifact(
            { registry, repository: there, reference: from.digest },
            { registry, repository: path, reference: reference.tag === '' ? from.digest : reference.tag },
            { signal, expect: from.digest, referrers: false, mountable: () => there },
          ),
        );
        return { ...facts, ...target, source, createdBy: actor.userId };
      });
      if (replaced) await retire(replaced);
      audit(actor, 'containers.adopt', row);
      return viewOf(row);
    },
    pull(actor, projectId, input, requestKey) {
      requireProject(actor, projectId);
      return pulls.start(actor, projectId, input, requestKey);
    },
    text: texts,
    deployments,
    packageFacts: (actor, projectId) => {
      requireProject(actor, projectId);
      return packageFacts(texts, projectId);
    },
    async locate(actor, digest) {
      const row = images.byManifest(digest).find(({ projectId }) => ports.canSee(actor, projectId));
      if (!row) return undefined;
      return { repository: repositoryOf(await ports.registries.of('workbench'), row), digest };
    },
    usesOf: (digest) =>
      images.byManifest(digest).map(({ id, projectId, name, tag }) => ({
        kind: 'containerImage',
        id,
        name: tag === '' ? name : `${name}:${tag}`,
        href: `/projects/${projectId}`,
      })),
    belongings: projectBelongings({ images, texts, deployments, uploads, removeRow }),
    open: () => {
      uploads.sweep();
      return Promise.resolve();
    },
    rawRoutes: [uploads.route],
    close: () => {
      uploads.close();
      deployments.close();
    },
  };
}
