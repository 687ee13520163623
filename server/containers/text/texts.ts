import { eq } from 'drizzle-orm';
import type { Actor, UserActor } from '../../access/actor';
import type { Job } from '../../jobs/job';
import { asProblem, Problem, problemFrom } from '../../problem';
import type { KubeObject } from '../../sites/workloads';
import type { DeploymentTexts } from '../containers';
import { viewOf, type ContainerImageRow, type ContainerImageRows } from '../image-rows';
import { familiarName, familiarReference, parseReference } from '../../sites/image-reference';
import type { ContainerPorts } from '../ports';
import type { Pulls } from '../pull-job';
import type { DeploymentText, NamedImage, TextCheck, TextContent, TextFinding } from '../schemas';
import { deploymentTexts } from '../tables';
import { packChart, readChart, type ChartEntry } from './chart';
import { renderChart } from './helm';
import { namedContainers } from './named-images';
import { parseManifests, type ParsedObject } from './parse-manifests';

type TextRow = typeof deploymentTexts.$inferSelect;
/** What is looked through: manifests, or a chart's files. */
type Content = Pick<TextRow, 'kind' | 'fileName' | 'text' | 'files'>;

interface Parts {
  ports: ContainerPorts;
  images: ContainerImageRows;
  pulls: Pulls;
  /** @throws Problem `not_found`, `conflict` for a project of VMs */
  requireProject: (actor: Actor, projectId: string) => void;
}

/** A text that can be deployed. */
export interface ReadyText {
  objects: KubeObject[];
  /** Ours, for each image as it is written. */
  images: Map<string, ContainerImageRow>;
}

export interface Texts extends DeploymentTexts {
  /**
   * The stored text with everything it needs.
   *
   * @throws Problem `conflict` without a text, or for an image that is not held; `invalid` for a text with errors
   */
  ready(projectId: string, name: string, values: string, signal: AbortSignal): Promise<ReadyText>;
  /** The text as one file; undefined before it was saved. */
  file(projectId: string): { kind: 'chart' | 'manifests'; fileName: string; content: Buffer } | undefined;
  /** Removes the text of a project that goes. */
  forget(projectId: string): void;
  /** Whether the stored text names this image. */
  names(row: ContainerImageRow): boolean;
}

/** Opens the texts. */
export function openTexts({ ports, images, pulls, requireProject }: Parts): Texts {
  const { db, events, now = Date.now } = ports;
  const find = (projectId: string) =>
    db.select().from(deploymentTexts).where(eq(deploymentTexts.projectId, projectId)).get();
  const tell = (projectId: string) => {
    events.publish({ topic: 'containers', id: projectId, audience: { projectId } });
  };
  const audit = (actor: UserActor, action: string, projectId: string) => {
    ports.audit({ actor, action, subject: { type: 'project', id: projectId }, detail: {} });
  };
  const heldBy = (projectId: string) => {
    const held = images.ofProject(projectId);
    return (reference: string) => ofOurs(held, reference);
  };
  const read = async (content: Content, name: string, values: string, signal: AbortSignal) =>
    parseManifests(
      content.kind === 'chart' ? await renderChart(content.files, name, values, signal) : content.text,
    );

  const check = async (projectId: string, content: Content, signal: AbortSignal): Promise<TextCheck> => {
    try {
      const { objects, findings } = await read(content, 'preview', '', signal);
      const ours = heldBy(projectId);
      const named = imagesOf(objects, findings, ours, (reference) => pulls.running(projectId, reference));
      return { findings, images: named, objects: objects.map(summaryOf), notRendered: null };
    } catch (error) {
      const problem = asProblem(error);
      if (problem.code !== 'unavailable' && problem.code !== 'invalid') throw problem;
      return { findings: [], objects: [], images: [], notRendered: problem.report() };
    }
  };

  const texts: Texts = {
    get(actor, projectId) {
      requireProject(actor, projectId);
      const row = find(projectId);
      return row ? textView(row) : null;
    },
    async save(actor, { projectId, content, basedOn }) {
      requireProject(actor, projectId);
      const next = await contentOf(content, find(projectId));
      const row = db.transaction(() => {
        // It may have been deleted while a chart was read.
        requireProject(actor, projectId);
        const before = find(projectId);
        if ((before?.updatedAt ?? null) !== basedOn) {
          throw new Problem('conflict', 'containers.errors.textChanged');
        }
        // Two saves within one millisecond must still differ.
        const updatedAt = Math.max(now(), (before?.updatedAt ?? 0) + 1);
        const stored = { ...next, projectId, updatedAt, updatedBy: actor.userId };
        if (before)
          db.update(deploymentTexts).set(stored).where(eq(deploymentTexts.projectId, projectId)).run();
        else db.insert(deploymentTexts).values(stored).run();
        return stored;
      });
      audit(actor, 'containers.text', projectId);
      tell(projectId);
      return textView(row);
    },
    remove(actor, projectId) {
      requireProject(actor, projectId);
      texts.forget(projectId);
      audit(actor, 'containers.removeText', projectId);
    },
    forget(projectId) {
      db.delete(deploymentTexts).where(eq(deploymentTexts.projectId, projectId)).run();
      tell(projectId);
    },
    async check(actor, { projectId, content }, signal) {
      requireProject(actor, projectId);
      const row = find(projectId);
      const next = content === undefined ? row : await contentOf(content, row);
      if (next === undefined) return { findings: [], objects: [], images: [], notRendered: null };
      return await check(projectId, next, signal);
    },
    async fetchMissing(actor, projectId, signal) {
      requireProject(actor, projectId);
      const { images: named, notRendered } = await check(projectId, find(projectId) ?? noText(), signal);
      if (notRendered) throw problemFrom(notRendered);
      const jobs: Job[] = [];
      for (const { reference, image, jobId } of named) {
        if (image === null && jobId === null && isReference(reference)) {
          jobs.push(pulls.start(actor, projectId, { reference }));
        }
      }
      return jobs;
    },
    async ready(projectId, name, values, signal) {
      const { objects, findings } = await read(find(projectId) ?? noText(), name, values, signal);
      const ours = heldBy(projectId);
      imagesOf(objects, findings, ours, () => undefined);
      const [error] = findings.filter(({ severity }) => severity === 'error');
      if (error) {
        const params = {
          line: error.line ?? 0,
          errors: findings.filter((f) => f.severity === 'error').length,
        };
        throw new Problem('invalid', 'containers.errors.textWrong', params, {
          detail: error.detail ?? error.rule,
        });
      }
      if (objects.length === 0) throw new Problem('conflict', 'containers.errors.textEmpty');
      const held = new Map<string, ContainerImageRow>();
      for (const { image } of namedContainers(objects)) {
        const row = ours(image);
        if (!row) throw new Problem('conflict', 'containers.errors.imageNotHeld', { image });
        held.set(image, row);
      }
      return { objects: objects.map(({ value }) => value), images: held };
    },
    file(projectId) {
      const row = find(projectId);
      if (!row) return undefined;
      const content = row.kind === 'chart' ? packChart(row.files) : Buffer.from(row.text);
      return { kind: row.kind, fileName: row.fileName, content };
    },
    names(row) {
      const text = find(row.projectId);
      // A chart's templates cannot be rendered here and now; its images are proved when it is deployed.
      if (text?.kind !== 'manifests') return false;
      const held = [row];
      return namedContainers(parseManifests(text.text).objects).some(({ image }) => ofOurs(held, image));
    },
  };
  return texts;
}

function noText(): never {
  throw new Problem('conflict', 'containers.errors.noText');
}

function isReference(text: string): boolean {
  try {
    parseReference(text);
    return true;
  } catch {
    return false;
  }
}

/** Which of our images a text means: by digest where it names one, else by name and tag. */
function ofOurs(held: readonly ContainerImageRow[], text: string): ContainerImageRow | undefined {
  if (!isReference(text)) return undefined;
  const reference = parseReference(text);
  const name = familiarName(reference);
  const { digest } = reference;
  return held.find(
    (row) => row.name === name && (digest === undefined ? row.tag === reference.tag : row.digest === digest),
  );
}

function imagesOf(
  objects: readonly ParsedObject[],
  findings: TextFinding[],
  ours: (reference: string) => ContainerImageRow | undefined,
  fetching: (reference: string) => string | undefined,
): NamedImage[] {
  const found = new Map<string, NamedImage>();
  for (const { image: reference, where, line } of namedContainers(objects)) {
    const there = found.get(reference);
    if (there) {
      there.usedIn.push(where);
      continue;
    }
    const readable = isReference(reference);
    if (!readable) {
      const params = { image: reference };
      findings.push({ severity: 'error', file: '', line, column: null, rule: 'badImage', params });
    }
    const row = ours(reference);
    const jobId = readable ? fetching(familiarReference(parseReference(reference))) : undefined;
    found.set(reference, {
      reference,
      usedIn: [where],
      line,
      image: row ? viewOf(row) : null,
      jobId: jobId ?? null,
    });
  }
  return [...found.values()];
}

function summaryOf({ value, lineOf }: ParsedObject) {
  const { apiVersion, kind, metadata } = value;
  const namespace = metadata.namespace ?? null;
  return { apiVersion, kind, name: metadata.name, namespace, line: lineOf([]) };
}

async function contentOf(content: TextContent, before: Content | undefined): Promise<Content> {
  if (content.kind === 'manifests') {
    return { kind: 'manifests', fileName: 'manifests.yaml', text: content.text, files: [] };
  }
  if (content.kind === 'chart') {
    const files = await readChart(Buffer.from(content.archive, 'base64'));
    // What cannot be packed again could neither be rendered nor go into a package.
    packChart(files);
    return { kind: 'chart', fileName: content.fileName, text: '', files };
  }
  if (before?.kind !== 'chart') throw new Problem('conflict', 'containers.errors.noChart');
  const changed = new Map(before.files.map((file) => [file.path, file]));
  for (const { path, text } of content.files) {
    if (
      path.startsWith('/') ||
      path.split('/').some((part) => part === '' || part === '.' || part === '..')
    ) {
      throw new Problem('invalid', 'containers.chart.badPath', { name: path });
    }
    changed.set(path, { path, base64: Buffer.from(text).toString('base64') });
  }
  const files = [...changed.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  packChart(files);
  return { ...before, files };
}

function textView({ files, ...row }: TextRow): DeploymentText {
  return { ...row, files: files.map(fileView) };
}

function fileView({ path, base64 }: ChartEntry): DeploymentText['files'][number] {
  const bytes = Buffer.from(base64, 'base64');
  const text = bytes.toString('utf8');
  return { path, size: bytes.length, text: Buffer.from(text).equals(bytes) ? text : null };
}
