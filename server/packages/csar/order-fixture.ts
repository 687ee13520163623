import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerFacts, ImageFacts, PackageOrder, ProjectFacts } from '../order';

/** A small real qcow2 with some data in it, for tests. */
export function testImage(dir: string, name = 'Debian 12'): ImageFacts & { path: string } {
  const path = join(dir, `${name.replaceAll(' ', '-')}.qcow2`);
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', path, '16M']);
  execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -q -P 0x5a 0 1M', path]);
  const bytes = readFileSync(path);
  return {
    id: `img_${name.toLowerCase().replaceAll(' ', '')}`,
    name,
    os: 'debian',
    architecture: 'x86_64',
    format: 'qcow2',
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    md5: createHash('md5').update(bytes).digest('hex'),
    size: statSync(path).size,
    virtualSize: 16 * 1024 * 1024,
    minDiskGiB: 1,
    minMemoryMiB: 256,
    path,
  };
}

/** A project with two VMs of one image. */
export function testProject(imageId: string): ProjectFacts {
  const vm = {
    vcpus: 2,
    memoryMiB: 512,
    diskGiB: 2,
    imageId,
    networkName: 'NAT',
    forwards: [{ protocol: 'tcp' as const, hostPort: 8080, guestPort: 80 }],
    userData: '#!/bin/sh\necho "hello: world"\n',
  };
  return {
    id: 'prj_1',
    name: 'Edge Cam 摄像头',
    version: '1.2.0',
    provider: 'ACME',
    kind: 'vm',
    description: 'Counts cars.\nAnd bicycles.',
    readme: '# Edge Cam\n\nCounts cars.',
    icon: undefined,
    industry: 'Smart Park',
    type: 'Video Application',
    architecture: 'X86',
    updatedAt: Date.UTC(2026, 9, 25, 1, 30, 0),
    vms: [
      { ...vm, name: 'camera' },
      { ...vm, name: 'database', networkName: 'isolated', forwards: [], userData: undefined },
    ],
  };
}

/** Two images whose names end alike, and the manifests that name them. */
export function testContainers(): ContainerFacts {
  const image = (name: string, digit: string) => ({
    name,
    tag: '1',
    digest: `sha256:${digit.repeat(64)}`,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    platforms: ['linux/amd64'],
    size: 4096,
  });
  return {
    images: [image('a/web', '1'), image('b/web', '2')],
    deployment: {
      kind: 'manifests',
      fileName: 'web.yaml',
      base64: Buffer.from('apiVersion: v1\nkind: Namespace\nmetadata:\n  name: web\n').toString('base64'),
    },
  };
}

/** The frozen order of a container project. */
export function testContainerOrder(): PackageOrder {
  const { icon: _icon, vms: _vms, ...project } = testProject('');
  return {
    project: { ...project, kind: 'container' },
    icon: undefined,
    vms: [],
    containers: testContainers(),
    images: 'reference',
    changeLog: '',
  };
}

/** The frozen order of a project whose VMs all use one image. */
export function testOrder(project: ProjectFacts, image: ImageFacts): PackageOrder {
  const { icon: _icon, vms, ...facts } = project;
  return {
    project: facts,
    icon: undefined,
    vms: vms.map((vm) => ({ ...vm, image })),
    containers: undefined,
    images: 'embedded',
    changeLog: 'First version',
  };
}
