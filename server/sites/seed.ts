/** What a guest is told at its first start. */

/** A cloud-init NoCloud seed, or what another site makes of the same facts. */
export interface Seed {
  hostname: string;
  sshKeys: string[];
  /** `#cloud-config…` or `#!…`; undefined for none */
  userData: string | undefined;
  /** Written by the guest at its first start; needs a guest that reads its seed. */
  files?: SeedFile[] | undefined;
}

/** A small file that a VM is created with: it goes on the seed, so no network is needed. */
export interface SeedFile {
  /** Absolute. */
  path: string;
  contentBase64: string;
  /** Octal, as chmod takes it. */
  mode: string;
}

/** Bytes that the files of one VM have together at most: what fits beside user data into the 64 KiB that nova takes. */
export const maxFileBytes = 32 * 1024;
