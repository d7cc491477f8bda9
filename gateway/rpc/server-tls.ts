// Owns the server side of TLS: certificate and key from files, TLS 1.3 only, replaced without a restart.
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { ServerCredentials } from '@grpc/grpc-js';

export interface TlsFiles {
  /** PEM, the server's certificate first. */
  readonly certFile: string;
  /** PEM. */
  readonly keyFile: string;
  /** PEM; when given, clients must show a certificate that one of these signed. */
  readonly clientCaFile?: string;
}

/** grpc-js's own createSsl accepts TLS 1.2 and cannot change its certificate. */
class FileCredentials extends ServerCredentials {
  replace(options: SecureContextOptions): void {
    this.updateSecureContextOptions(options);
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

export interface ReloadableCredentials {
  readonly credentials: ServerCredentials;
  /** Reads the files again when they changed. Throws, and keeps what is in use, when they do not fit together. */
  reload(): 'reloaded' | 'unchanged';
}

/** Throws when a file is missing or the key does not belong to the certificate. */
export function tlsCredentials(files: TlsFiles): ReloadableCredentials {
  let stamp = fileStamp(files);
  const constructorOptions = files.clientCaFile === undefined ? {} : { requestCert: true, rejectUnauthorized: true };
  const credentials = new FileCredentials(constructorOptions, readContext(files));
  return {
    credentials,
    reload() {
      const now = fileStamp(files);
      if (now === stamp) return 'unchanged';
      credentials.replace(readContext(files));
      stamp = now;
      return 'reloaded';
    },
  };
}

function readContext(files: TlsFiles): SecureContextOptions {
  const options: SecureContextOptions = {
    cert: readPem('certificate', files.certFile),
    key: readPem('private key', files.keyFile),
    minVersion: 'TLSv1.3',
    ...(files.clientCaFile === undefined ? {} : { ca: readPem('client CA', files.clientCaFile) }),
  };
  try {
    createSecureContext(options);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`TLS certificate ${files.certFile} and key ${files.keyFile} cannot be used together: ${why}`);
  }
  return options;
}

function readPem(what: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(`cannot read the TLS ${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function fileStamp(files: TlsFiles): string {
  const names = [files.certFile, files.keyFile, ...(files.clientCaFile === undefined ? [] : [files.clientCaFile])];
  return names
    .map((name) => {
      const stat = statSync(name, { throwIfNoEntry: false });
      return stat === undefined ? 'missing' : `${stat.ino}.${stat.mtimeMs}.${stat.size}`;
    })
    .join('|');
}
