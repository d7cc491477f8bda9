// Owns what a wallet template of the configuration is once it is opened: a creator of keys, and signers for the keys that it made.
import type { CreatedKey, KeyCreator } from '../../../signers/key-creator.ts';
import type { Signer } from '../../../signers/signer.ts';

export interface OpenedTemplate {
  readonly creator: KeyCreator;
  /** The name of the signer is that of the template, its fields are those of an entry of `signers`. Throws SignerFault where the reference is none of this backend. Asks no service. */
  readonly openSigner: (key: CreatedKey) => Promise<Signer>;
  /** How each of its signers is guarded; `null`: it needs no guard. */
  readonly guard: SignerGuard | null;
}

export interface SignerGuard {
  /** `null`: as long as all attempts together may take. */
  readonly timeoutMs: number | null;
  readonly maxInFlight: number;
  readonly maxWaiting: number;
}
