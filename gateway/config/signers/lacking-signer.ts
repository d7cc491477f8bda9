// Owns what is known of a signer whose secret or key is not there when the gateway starts: enough to say so, and to route its wallets.
import type { Problem } from '../problem.ts';
import type { SectionReader } from '../section-reader.ts';
import type { SignerEntry } from './signers.ts';

export interface LackingSigner {
  readonly kind: 'lacking';
  readonly name: string;
  /** `type` of the entry. */
  readonly backend: string;
  /** Base58; `null`: the entry does not say. */
  readonly address: string | null;
  /** Absolute path of a keystore that may say the address; `null`: it has none. */
  readonly keystoreFile: string | null;
  /** Key of the entry that is to be looked at. */
  readonly field: string;
  readonly reason: string;
}

export function lackingSigner(reader: SectionReader, entry: SignerEntry, { path, message }: Problem): LackingSigner {
  const isLocal = entry.type === 'local-keypair';
  return {
    kind: 'lacking',
    name: entry.name,
    backend: entry.type,
    address: isLocal ? null : entry.address,
    keystoreFile: isLocal ? reader.absolute(['signers', 'keystore_file'], entry.keystore_file) : null,
    field: path.split('.').at(-1) ?? path,
    reason: message,
  };
}
