// A CommonJS package: Node finds only some of its names, the default has all.
import ssh2 from 'ssh2';

/** Name of a project's private key among the secrets. */
export function projectKeyName(projectId: string): string {
  return `project/${projectId}/ssh-key`;
}

/**
 * A new Ed25519 key pair in OpenSSH format.
 *
 * @param comment the remark at the end of the public key, by which a person recognises it in a guest
 */
export function newKeyPair(comment: string): { privateKey: string; publicKey: string } {
  const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment });
  return { privateKey: pair.private, publicKey: pair.public };
}
