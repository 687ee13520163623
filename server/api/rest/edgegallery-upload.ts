import type { Readable } from 'node:stream';
import type { UserActor } from '../../access/actor';
import type { House } from '../../house';
import { Problem, problemFrom } from '../../problem';
import { typeOfIcon } from '../../store/app-icon';
import type { PublishInput } from '../../store/schemas';
import { readMultipart } from './multipart';

const iconBytes = 256 * 1024;

/** What EdgeGallery's upload answers. */
interface Uploaded {
  appName: string;
  appId: string;
  packageId: string;
  provider: string;
  version: string;
}

/**
 * Takes in a package the way EdgeGallery's AppStore does: the answer comes once it has been looked through. The file
 * streams to disk as it comes; in its place `fileAddress` may name one that came in chunks.
 *
 * @throws Problem `invalid` without a file, or for a file that is no package; others as the packages room has them
 */
export async function takeUpload(house: House, actor: UserActor, request: Request): Promise<Uploaded> {
  let packageId: string | undefined;
  let settled: Promise<unknown> | undefined;
  let icon: Buffer | undefined;
  const limits = { fieldBytes: 64 * 1024, fields: 40, files: 4 };
  const take = async (fileName: string, content: Readable) => {
    const file = { name: fileName || 'package.csar', size: undefined, projectId: undefined };
    const job = await house.packages.receive(actor, file, content);
    packageId = job.subject.id;
    settled = house.jobs.settled(job.id, request.signal);
  };
  const fields = await readMultipart(request, limits, async (part) => {
    if (part.field === 'icon') icon = await readSmall(part.content);
    else if (part.field === 'file' && packageId === undefined) await take(part.fileName, part.content);
    else part.content.resume();
  });
  const address = fields.get('fileAddress');
  if (address !== undefined && packageId === undefined) {
    const { chunks } = house.packages;
    const { fileName, content } = await chunks.open(actor, address);
    await take(fileName, content);
    await chunks.discard(address);
  }
  await settled;
  if (packageId === undefined) throw new Problem('invalid', 'store.errors.noFilePart');
  const made = house.packages.get(actor, packageId);
  if (made.state !== 'ready') {
    throw made.error
      ? problemFrom({ ...made.error, code: 'invalid' })
      : new Problem('invalid', 'packages.gates.failed');
  }
  const { appId } = await house.store.reserve(actor, packageId, wordsOf(fields, icon));
  return { appName: made.name, appId, packageId, provider: made.provider, version: made.version };
}

function wordsOf(fields: ReadonlyMap<string, string>, icon: Buffer | undefined): PublishInput {
  const said = (name: string) => fields.get(name)?.trim() || undefined;
  const type = icon && typeOfIcon(icon);
  return {
    type: said('type'),
    industry: said('industry'),
    architecture: said('affinity'),
    description: said('shortDesc'),
    ...(icon && type ? { icon: { type, base64: icon.toString('base64') } } : {}),
  };
}

async function readSmall(content: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of content) {
    size += (chunk as Buffer).length;
    if (size > iconBytes)
      throw new Problem('too_large', 'store.errors.iconTooLarge', { size, limit: iconBytes });
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
