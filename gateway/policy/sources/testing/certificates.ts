// Owns certificates for tests on loopback, made anew each time: an authority, a server and a client that it vouches for.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Files in `folder`, called after `name`. */
export function makeAuthority(folder: string, name: string): CertificateFiles {
  const files = filesOf(folder, name);
  const to = ['-keyout', files.keyFile, '-out', files.certFile];
  openssl('req', '-x509', '-days', '2', ...CURVE, '-subj', `/CN=${name}`, ...to);
  return files;
}

export function makeCertificate(
  folder: string,
  name: string,
  authority: CertificateFiles,
  address = '127.0.0.1',
): CertificateFiles {
  const files = filesOf(folder, name);
  const [request, extensions] = [join(folder, `${name}.csr`), join(folder, `${name}.ext`)];
  writeFileSync(extensions, `subjectAltName=IP:${address}\n`);
  openssl('req', ...CURVE, '-subj', `/CN=${name}`, '-keyout', files.keyFile, '-out', request);
  const by = ['-CA', authority.certFile, '-CAkey', authority.keyFile, '-CAcreateserial'];
  openssl('x509', '-req', '-days', '2', '-in', request, ...by, '-extfile', extensions, '-out', files.certFile);
  return files;
}

function filesOf(folder: string, name: string): CertificateFiles {
  return { certFile: join(folder, `${name}.pem`), keyFile: join(folder, `${name}.key`) };
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
