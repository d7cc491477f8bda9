// Owns the `remote` entry of the signers.
import * as z from 'zod';
import { isLoopback, type ListenAddress, parseListenAddress } from '../../rpc/listen-address.ts';
import { unreadable } from '../file-checks.ts';
import type { KeyPath } from '../problem.ts';
import { path, text } from '../schema-parts.ts';
import type { SectionReader } from '../section-reader.ts';
import { type RemoteSignerConfig, remoteConfigOf, remoteKeys } from './remote-keys.ts';

export const remoteSchema = z.strictObject({
  ...remoteKeys,
  type: z.literal('remote').describe('A key behind a SignerService of your own: an HSM, an enclave, another service.'),
  target: text.describe('Where it serves, as host:port.'),
  key: z
    .string()
    .regex(/^[\x21-\x7e]{1,256}$/, { error: 'must be 1 to 256 printable ASCII characters without spaces' })
    .describe('What the service calls the key.'),
  ca_file: path
    .optional()
    .describe(
      'PEM file of the authorities that may sign for the service. Read again when it changes, as the two below. These three may ' +
        'only be left out together, for a service on loopback: it is then called in the clear.',
    ),
  client_cert_file: path.optional().describe('PEM file with our certificate, it first.'),
  client_key_file: path.optional().describe('PEM file with the key of that certificate.'),
  server_name: text
    .optional()
    .describe('Name in the certificate of the service, where it is not the host of `target`.'),
});

type RemoteEntry = z.output<typeof remoteSchema>;

export interface RemoteConfig extends RemoteSignerConfig {
  readonly kind: 'remote';
  /** `host:port`. */
  readonly target: string;
  readonly key: string;
  /** `null`: in the clear, on loopback. */
  readonly tls: RemoteTls | null;
}

interface RemoteTls {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly serverName: string | null;
}

export async function resolveRemote(
  reader: SectionReader,
  at: KeyPath,
  entry: RemoteEntry,
): Promise<RemoteConfig | undefined> {
  const target = targetOf(reader, [...at, 'target'], entry.target);
  const tls = await resolveTls(reader, at, entry);
  if (target === undefined || tls === undefined) return undefined;
  if (tls === null && !isLoopback(target.host)) {
    const needed = 'needs ca_file, client_cert_file and client_key_file: off loopback it is called by mutual TLS only';
    return reader.refuse(at, needed);
  }
  return { kind: 'remote', ...remoteConfigOf(entry), target: entry.target, key: entry.key, tls };
}

function targetOf(reader: SectionReader, at: KeyPath, given: string): ListenAddress | undefined {
  try {
    const target = parseListenAddress(given);
    if (target.port > 0) return target;
  } catch {
    // Said below: the parser speaks of listeners.
  }
  return reader.refuse(at, 'must be host:port, such as hsm.internal:7443 or [::1]:7443');
}

/** `null`: none is given. */
async function resolveTls(
  reader: SectionReader,
  at: KeyPath,
  { ca_file, client_cert_file, client_key_file, server_name }: RemoteEntry,
): Promise<RemoteTls | null | undefined> {
  if ([ca_file, client_cert_file, client_key_file, server_name].every((key) => key === undefined)) return null;
  if (ca_file === undefined || client_cert_file === undefined || client_key_file === undefined) {
    return reader.refuse(at, 'needs ca_file, client_cert_file and client_key_file, all three or none');
  }
  const keyFile = await reader.secretFrom([...at, 'client_key_file'], client_key_file);
  const read = async (key: string, file: string): Promise<string | undefined> => {
    const absolute = reader.absolute([...at, key], file);
    const problem = await unreadable(absolute);
    return problem === null ? absolute : reader.refuse([...at, key], problem);
  };
  const caFile = await read('ca_file', ca_file);
  const certFile = await read('client_cert_file', client_cert_file);
  if (caFile === undefined || certFile === undefined || keyFile === undefined) return undefined;
  return {
    caFile,
    certFile,
    keyFile: reader.absolute([...at, 'client_key_file'], client_key_file),
    serverName: server_name ?? null,
  };
}
