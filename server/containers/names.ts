/**
 * The parts of the repository that holds an image in our registry. Every name has its own: a colon before a port
 * becomes `_`, which no host has.
 *
 * @param name familiar name of the image
 */
export function repositoryParts(projectId: string, name: string): string[] {
  return ['projects', projectId, ...name.replace(/[[\]]/g, '').replaceAll(':', '_').split('/')];
}

/**
 * Name of the repository that holds an image now: the prefix of the registry's role may change.
 *
 * @param home the workbench's registry
 */
export function repositoryOf(
  home: { repository(...path: string[]): string },
  { projectId, name }: { projectId: string; name: string },
): string {
  return home.repository(...repositoryParts(projectId, name));
}

/** Where blobs of a project's archives wait until their image's name is known. */
export function incomingParts(projectId: string): string[] {
  // No image is called so: a name's part begins with a letter or digit and projects hold names only.
  return ['incoming', projectId];
}

/** Address of a registry's API, by the host in an image's name. */
export function registryUrl(host: string, plainHttp: boolean): string {
  // Docker Hub's images are called docker.io, where no registry answers.
  return `${plainHttp ? 'http' : 'https'}://${host === 'docker.io' ? 'registry-1.docker.io' : host}`;
}

/** A name for the image of an archive that has none: `My Web App_1.0.tar.gz` gives `my-web-app-1.0`. */
export function nameOfFile(fileName: string): string {
  const plain = fileName
    .toLowerCase()
    .replace(/\.(tar|tgz|tzst|gz|zst|zstd|oci)\b/g, '')
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[-.]+|[-.]+$/g, '')
    .replace(/[-.]{2,}/g, '-');
  return plain === '' ? 'image' : plain;
}
