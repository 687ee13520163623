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
  // ssh2 writes about three keys in a thousand that nobody can read, itself included.
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment });
    const readable = [pair.private, pair.public].every((key) => !(ssh2.utils.parseKey(key) instanceof Error));
    if (readable) return { privateKey: pair.private, publicKey: pair.public };
  }
}
