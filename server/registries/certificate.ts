import { randomBytes, sign, type KeyObject } from 'node:crypto';

/** A value of ASN.1 in DER: tag, length, content (X.690). */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length < 128) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const hex = content.length.toString(16);
  const length = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 + length.length]), length, content]);
}

const sequence = (...parts: Buffer[]) => der(0x30, ...parts);
const commonNameOid = Buffer.from('0603550403', 'hex');
const ecdsaWithSha256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'));

const name = (text: string) => sequence(der(0x31, sequence(commonNameOid, der(0x0c, Buffer.from(text)))));
const utcTime = (at: Date) =>
  der(0x17, Buffer.from(`${at.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`));

/**
 * A certificate that a P-256 key signs for itself. docker-registry takes the keys of its token server as certificates
 * only, and Node makes none; names and extensions play no part there (RFC 5280, version 3 without extensions).
 *
 * @param keys the pair
 * @param commonName who it says it is
 * @param now milliseconds since 1970; it is valid from the day before until the end of 2049
 * @returns DER
 */
export function selfSigned(
  keys: { privateKey: KeyObject; publicKey: KeyObject },
  commonName: string,
  now = Date.now(),
): Buffer {
  // A serial number is a positive integer.
  const serial = Buffer.concat([Buffer.from([0x01]), randomBytes(15)]);
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ecdsaWithSha256,
    name(commonName),
    sequence(utcTime(new Date(now - 86_400_000)), utcTime(new Date('2049-12-31T23:59:59Z'))),
    name(commonName),
    keys.publicKey.export({ format: 'der', type: 'spki' }),
  );
  const signature = sign('sha256', body, keys.privateKey);
  return sequence(body, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
}
