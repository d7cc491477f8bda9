// Owns the keys by which a remote signer's service is trusted, and by which it knows us: certificates in files.
import { readFile } from 'node:fs/promises';
import { unreadable } from '../file-checks.ts';
import type { KeyPath } from '../problem.ts';
import { path } from '../schema-parts.ts';
import type { Secret } from '../secret.ts';
import type { SectionReader } from '../section-reader.ts';

export const serviceTlsKeys = {
  ca_file: path
    .optional()
    .describe('PEM file of the authorities that may sign for the service. Absent: those of the system.'),
  client_cert_file: path
    .optional()
    .describe('PEM file with our certificate, where the service asks for one. With `client_key_file`.'),
  client_key_file: path.optional().describe('PEM file with the key of that certificate.'),
};

/** PEM texts. `null`: the authorities of the system, or no certificate of our own. */
export interface ServiceTls {
  readonly ca: string | null;
  readonly client: { readonly cert: string; readonly key: Secret } | null;
}

interface ServiceTlsEntry {
  readonly ca_file?: string | undefined;
  readonly client_cert_file?: string | undefined;
  readonly client_key_file?: string | undefined;
}

/** `undefined`, with a problem, where a file cannot be used. */
export async function resolveServiceTls(
  reader: SectionReader,
  at: KeyPath,
  { ca_file, client_cert_file, client_key_file }: ServiceTlsEntry,
): Promise<ServiceTls | undefined> {
  if ((client_cert_file === undefined) !== (client_key_file === undefined)) {
    return reader.refuse(at, 'needs client_cert_file and client_key_file, both or neither');
  }
  const ca = ca_file === undefined ? null : await publicFile(reader, [...at, 'ca_file'], ca_file);
  if (client_cert_file === undefined || client_key_file === undefined) {
    return ca === undefined ? undefined : { ca, client: null };
  }
  const cert = await publicFile(reader, [...at, 'client_cert_file'], client_cert_file);
  const key = await reader.secretFrom([...at, 'client_key_file'], client_key_file);
  return ca === undefined || cert === undefined || key === undefined ? undefined : { ca, client: { cert, key } };
}

async function publicFile(reader: SectionReader, at: KeyPath, file: string): Promise<string | undefined> {
  const absolute = reader.absolute(at, file);
  const problem = await unreadable(absolute);
  return problem === null ? readFile(absolute, 'utf8') : reader.lacks(at, problem);
}
