// Owns the resolution of the listeners: addresses that can be listened on, and TLS wherever others could listen in.
import { isLoopback, parseListenAddress } from '../rpc/listen-address.ts';
import type { TlsFiles } from '../rpc/server-tls.ts';
import type { ListenerConfig } from './config.ts';
import { unreadable } from './file-checks.ts';
import type { FileConfig } from './file-schema.ts';
import type { SectionReader } from './section-reader.ts';

type Plane = 'data_plane' | 'control_plane';

export async function resolveListener(
  reader: SectionReader,
  plane: Plane,
  section: FileConfig[Plane],
): Promise<ListenerConfig | undefined> {
  const host = hostOf(reader, plane, section.address);
  const tls = section.tls === undefined ? null : await resolveTls(reader, plane, section.tls);
  if (host === undefined) return undefined;
  if (tls === null && !isLoopback(host)) {
    return reader.refuse(
      [plane, 'address'],
      'would carry API keys in the clear: give this listener tls (cert_file and key_file), or an address on loopback such as 127.0.0.1',
    );
  }
  return { address: section.address, tls };
}

function hostOf(reader: SectionReader, section: Plane | 'http', address: string): string | undefined {
  try {
    return parseListenAddress(address).host;
  } catch {
    return reader.refuse([section, 'address'], 'must be host:port, such as 127.0.0.1:50051 or [::1]:50051');
  }
}

async function resolveTls(
  reader: SectionReader,
  plane: Plane,
  tls: NonNullable<FileConfig[Plane]['tls']>,
): Promise<TlsFiles> {
  const resolved = async (key: keyof typeof tls, file: string) => {
    const path = [plane, 'tls', key];
    const absolute = reader.absolute(path, file);
    reader.note(path, await unreadable(absolute));
    return absolute;
  };
  const certFile = await resolved('cert_file', tls.cert_file);
  const keyFile = await resolved('key_file', tls.key_file);
  if (tls.client_ca_file === undefined) return { certFile, keyFile };
  return { certFile, keyFile, clientCaFile: await resolved('client_ca_file', tls.client_ca_file) };
}

export function resolveHttp(reader: SectionReader, section: FileConfig['http']): { address: string } | undefined {
  const host = hostOf(reader, 'http', section.address);
  if (host === undefined) return undefined;
  if (!section.allow_remote && !isLoopback(host)) {
    return reader.refuse(
      ['http', 'address'],
      'is not on loopback: set allow_remote to true if others may read the metrics, or take an address such as 127.0.0.1',
    );
  }
  return { address: section.address };
}

/** The listeners must not want the same port. */
export function refuseSharedAddresses(
  reader: SectionReader,
  listeners: Readonly<Record<Plane | 'http', { readonly address: string } | undefined>>,
): void {
  const seen = new Map<string, string>();
  for (const [section, listener] of Object.entries(listeners)) {
    if (listener === undefined || listener.address.endsWith(':0')) continue;
    const other = seen.get(listener.address);
    if (other !== undefined) reader.refuse([section, 'address'], `is the address of ${other} too; each needs its own`);
    else seen.set(listener.address, section);
  }
}
