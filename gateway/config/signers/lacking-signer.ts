// Owns what is known of a signer whose secret or key is not there when the gateway starts: enough to say so, and to route its wallets.
import type { LackingEntry } from '../lacking-entry.ts';
import type { SectionReader } from '../section-reader.ts';
import type { SignerConfig, SignerEntry } from './signers.ts';

export interface LackingSigner extends LackingEntry<SignerConfig> {
  readonly name: string;
  /** `type` of the entry. */
  readonly backend: string;
  /** Base58; `null`: the entry does not say. */
  readonly address: string | null;
  /** Absolute path of a keystore that may say the address; `null`: it has none. */
  readonly keystoreFile: string | null;
}

export function lackingSigner(
  reader: SectionReader,
  entry: SignerEntry,
  lacking: LackingEntry<SignerConfig>,
): LackingSigner {
  const isLocal = entry.type === 'local-keypair';
  return {
    ...lacking,
    name: entry.name,
    backend: entry.type,
    address: isLocal ? null : entry.address,
    keystoreFile: isLocal ? reader.absolute(['signers', 'keystore_file'], entry.keystore_file) : null,
  };
}
