import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEM files of one certificate and its key. */
export interface IssuedCertificate {
  certificateFile: string;
  keyFile: string;
}

/** A certificate authority of a test's own, which no machine trusts unless told. */
export interface TestCa {
  /** The authority's certificate as PEM. */
  certificate: string;
  certificateFile: string;
  /** Issues a certificate, for servers and for clients alike, in the folder of the authority. */
  issue: (hosts: string[], lifetime?: { days: number }) => IssuedCertificate;
}

/**
 * Makes a private certificate authority with openssl.
 *
 * @param folder where its files go; without one a temporary folder, which stays until the machine clears it
 */
export function testCa(folder = mkdtempSync(join(tmpdir(), 'edgeyard-ca-'))): TestCa {
  const file = (name: string) => join(folder, name);
  openssl('req -x509 -newkey rsa:2048 -nodes -days 30', {
    subj: '/CN=Edgeyard test authority',
    addext: 'keyUsage=critical,keyCertSign,cRLSign',
    keyout: file('ca.key'),
    out: file('ca.crt'),
  });
  let issued = 0;
  const issue: TestCa['issue'] = (hosts, lifetime = { days: 30 }) => {
    const name = `issued-${String(++issued)}`;
    const names = hosts.map((host) => `${isIP(host) ? 'IP' : 'DNS'}:${host}`).join(',');
    writeFileSync(
      file(`${name}.ext`),
      `basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=${names}\n`,
    );
    const paths = { certificateFile: file(`${name}.crt`), keyFile: file(`${name}.key`) };
    openssl('req -newkey rsa:2048 -nodes', {
      subj: `/CN=${hosts[0] ?? name}`,
      keyout: paths.keyFile,
      out: file(`${name}.csr`),
    });
    openssl('x509 -req -CAcreateserial', {
      in: file(`${name}.csr`),
      CA: file('ca.crt'),
      CAkey: file('ca.key'),
      days: String(lifetime.days),
      extfile: file(`${name}.ext`),
      out: paths.certificateFile,
    });
    return paths;
  };
  return { certificate: readFileSync(file('ca.crt'), 'utf8'), certificateFile: file('ca.crt'), issue };
}

/** Runs openssl with words and with options that have a value. */
function openssl(words: string, options: Record<string, string>): void {
  const values = Object.entries(options).flatMap(([name, value]) => [`-${name}`, value]);
  execFileSync('openssl', [...words.split(' '), ...values], { stdio: ['ignore', 'ignore', 'pipe'] });
}
