import { Readable } from 'node:stream';
import PQueue from 'p-queue';
import { deleteArtifact } from '../oci/delete-artifact';
import { keyedLock } from '../oci/keyed-lock';
import type { Registry } from '../oci/oci';
import { Problem } from '../problem';
import { asking } from '../registries/registry-problem';
import type { FoundImage } from './archive/archive-files';
import type { ContainerImageRow, ContainerImageRows } from './image-rows';
import { incomingParts, repositoryOf } from './names';
import type { ContainerPorts } from './ports';

interface Parts {
  ports: ContainerPorts;
  images: ContainerImageRows;
}

type NewImage = Parameters<ContainerImageRows['put']>[0];
type Entered = ReturnType<ContainerImageRows['put']>;
/** A name in a project: a repository of its own in the registry. */
type Name = Pick<NewImage, 'projectId' | 'name'>;

interface Put extends Pick<NewImage, 'projectId' | 'name' | 'tag' | 'source' | 'createdBy'> {
  signal: AbortSignal;
  /** Bytes that are in their place, of the image's size. */
  progress: (done: number) => void;
}

/** Blobs asked for and mounted at once. */
const parallel = 6;

/** A manifest that is dropped must not be one that comes under the same name meanwhile. */
const atOneName = keyedLock();
const keyOf = ({ projectId, name }: Name) => `${projectId} ${name}`;

/**
 * Puts an image that was read from an archive into the repository of its name: layers are taken over from where they
 * waited, manifests come last, so that nobody sees half an image.
 *
 * @throws Problem `gone` when there is no such project any more; `registries.errors.*`
 */
export async function putImage(parts: Parts, image: FoundImage, put: Put): Promise<Entered> {
  const { ports } = parts;
  const home = await ports.registries.of('workbench');
  const { registry, address } = home;
  const target = repositoryOf(home, put);
  const incoming = home.repository(...incomingParts(put.projectId));
  const { signal, progress, ...named } = put;
  let done = 0;
  const queue = new PQueue({ concurrency: parallel });
  await asking(address, async () => {
    await queue.addAll(
      image.blobs.map((blob) => async () => {
        signal.throwIfAborted();
        await putBlob(registry, target, incoming, blob, signal);
        done += blob.size;
        progress(done);
      }),
    );
  });
  const { names: _names, manifests, blobs: _blobs, ...facts } = image;
  return await enterImage(parts, put, async () => {
    for (const { digest, mediaType, text } of manifests) {
      const reference = digest === image.digest && put.tag !== '' ? put.tag : digest;
      await asking(address, () =>
        registry.putManifest(target, reference, mediaType, Buffer.from(text), { signal }),
      );
    }
    return { ...facts, ...named };
  });
}

async function putBlob(
  registry: Registry,
  target: string,
  incoming: string,
  { digest, size, text }: FoundImage['blobs'][number],
  signal: AbortSignal,
): Promise<void> {
  if (text !== undefined) {
    const bytes = Buffer.from(text);
    await registry.putBlob(target, { digest, size }, (offset) => Readable.from([bytes.subarray(offset)]), {
      signal,
    });
    return;
  }
  if ((await registry.hasBlob(target, digest, { signal })) === size) return;
  if (await registry.mount(target, digest, incoming, { signal })) return;
  // A registry that mounts nothing gets the bytes once more.
  const from = (offset: number) =>
    registry.blob(incoming, digest, {
      signal,
      range: offset === 0 ? undefined : { from: offset, to: size - 1 },
    });
  await registry.putBlob(target, { digest, size }, from, { signal });
}

/**
 * Writes down what a name stands for now. When the project was deleted while the image came, it goes again.
 *
 * @param arrive puts the manifest under the name, or finds it there; nothing of the name is dropped meanwhile
 * @throws Problem `gone` when there is no such project any more; what `arrive` throws; `registries.errors.*`
 */
export async function enterImage(
  parts: Parts,
  name: Name,
  arrive: () => Promise<NewImage>,
): Promise<Entered> {
  return await atOneName.hold(keyOf(name), async () => {
    const image = await arrive();
    // Nothing is waited for in between: after the project went, no row of it can come to be.
    if (parts.ports.isContainerProject(image.projectId)) return parts.images.put(image);
    await drop(parts, image);
    throw new Problem('gone', 'containers.errors.noProject');
  });
}

/** What becomes of an image whose name stands for another one now. @throws Problem `registries.errors.*` */
export type Retire = (replaced: ContainerImageRow) => Promise<void>;

/**
 * Removes the manifest behind a name that is gone, when no other name and nothing of the house has it. What was in its
 * list goes as well, unless another list there names it.
 *
 * @throws Problem `registries.errors.*`
 */
export async function dropManifest(parts: Parts, row: ContainerImageRow): Promise<void> {
  await atOneName.hold(keyOf(row), () => drop(parts, row));
}

async function drop({ ports, images }: Parts, row: Name & { digest: string }): Promise<void> {
  const others = images.ofProject(row.projectId).filter((each) => each.name === row.name);
  if (others.some((each) => each.digest === row.digest)) return;
  if (ports.usesOf(row.digest).length > 0) return;
  const home = await ports.registries.of('workbench');
  const { registry, address } = home;
  const repository = repositoryOf(home, row);
  const kept = others.map(({ digest }) => digest);
  await asking(address, () => deleteArtifact({ registry, repository, digest: row.digest }, kept));
}
