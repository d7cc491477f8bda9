// Owns the client side of mutual TLS: authority, certificate and key from files, read again when they change.
import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext, type SecureContext } from 'node:tls';

export interface TlsFiles {
  /** PEM with the authorities of the signer's certificate. */
  readonly caFile: string;
  /** PEM with our own certificate, it first. */
  readonly certFile: string;
  readonly keyFile: string;
}

/** Names of the keys of the configuration. */
export type TlsField = 'ca_file' | 'client_cert_file' | 'client_key_file';

/** Says which file cannot be used. No text of it is in the message. */
export class TlsFileError extends Error {
  readonly field: TlsField;

  constructor(field: TlsField, message: string) {
    super(message);
    this.name = 'TlsFileError';
    this.field = field;
  }
}

const FIELDS: Readonly<Record<TlsField, keyof TlsFiles>> = {
  ca_file: 'caFile',
  client_cert_file: 'certFile',
  client_key_file: 'keyFile',
};

/** Changes whenever one of the files does. Throws TlsFileError. */
export async function versionOf(files: TlsFiles): Promise<string> {
  const versions = await eachFile(files, async (file) => {
    const { ino, size, mtimeNs } = await stat(file, { bigint: true });
    return `${ino}:${size}:${mtimeNs}`;
  });
  return versions.join('|');
}

/** TLS 1.3 only. Throws TlsFileError where a file cannot be read, or where they do not fit together. */
export async function readSecureContext(files: TlsFiles): Promise<SecureContext> {
  const [ca, cert, key] = await eachFile(files, (file) => readFile(file));
  requireCertificate('ca_file', files.caFile, ca);
  requireCertificate('client_cert_file', files.certFile, cert);
  try {
    return createSecureContext({ ca, cert, key, minVersion: 'TLSv1.3' });
  } catch {
    throw new TlsFileError('client_key_file', `${files.keyFile} is not the key of ${files.certFile}`);
  }
}

async function eachFile<T>(files: TlsFiles, read: (file: string) => Promise<T>): Promise<readonly [T, T, T]> {
  const one = async (field: TlsField): Promise<T> => {
    const file = files[FIELDS[field]];
    try {
      return await read(file);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
      throw new TlsFileError(field, `${file} cannot be read (${code})`);
    }
  };
  return Promise.all([one('ca_file'), one('client_cert_file'), one('client_key_file')]);
}

/** A secure context takes a file without any certificate, and trusts nobody then. */
function requireCertificate(field: TlsField, file: string, pem: Buffer): void {
  try {
    new X509Certificate(pem);
  } catch {
    throw new TlsFileError(field, `${file} holds no certificate in PEM`);
  }
}
