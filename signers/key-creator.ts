// Owns the contract of a key creator: something that makes keys at a backend, by credentials that no signer has.
import type { SignerCheck } from './signer.ts';

/** A key that was made, and what a signer of its backend needs to find it again. It is kept in the record as JSON. */
export interface CreatedKey {
  /** Base58. */
  readonly address: string;
  /** By the names of the configuration's keys of a signer: `key` and `key_version`, `wallet_id`, … Holds no secret that is not encrypted. */
  readonly reference: KeyReference;
}

export type KeyReference = Readonly<Record<string, string | number>>;

/** Texts are for people and the audit chain: without secrets, see net/endpoint.ts. Nothing here is thrown. */
export type CreateResult =
  | { readonly kind: 'created'; readonly key: CreatedKey }
  /** It will not be made, now or later. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It may have been made: the same call again finds it. */
  | { readonly kind: 'unavailable'; readonly reason: string };

export type DestroyResult =
  /** `detail`: what the backend says of it, such as until when it can still be brought back. A key that is gone already counts. */
  { readonly kind: 'destroyed'; readonly detail: string } | Exclude<CreateResult, { readonly kind: 'created' }>;

export type ExportResult =
  /** `seed`: 32 bytes, not yet trusted to be those of the key. Whoever has it wipes it. */
  | { readonly kind: 'exported'; readonly seed: Uint8Array<ArrayBuffer> }
  | Exclude<CreateResult, { readonly kind: 'created' }>;

export interface KeyCreator {
  /** Backend kind, as of the signers of its keys. */
  readonly backend: string;
  /**
   * `label`: 1 to 90 of a-z, 0-9, dash, the first no dash; no other key of any gateway has it. The same label again returns the key that was
   * made under it, also after an answer that was lost: where the backend can only be asked what there is by that label, it is asked first.
   */
  create(label: string, signal: AbortSignal): Promise<CreateResult>;
  /**
   * What a person looks for at the backend to find the key of a label, where nobody knows its address: `the wallet named …`. `null`: nothing
   * has a key but the record.
   */
  readonly findBy: ((label: string) => string) | null;
  /** `null`: the backend cannot destroy a key. */
  readonly destroy: ((key: CreatedKey, signal: AbortSignal) => Promise<DestroyResult>) | null;
  /** `null`: the backend does not give keys out, or not to a gateway. */
  readonly export: ((key: CreatedKey, signal: AbortSignal) => Promise<ExportResult>) | null;
  /** The same label again with the same seed returns the same key. `seed`: 32 bytes, which the caller wipes. `null`: it takes no keys. */
  readonly import: ((label: string, seed: Uint8Array, signal: AbortSignal) => Promise<CreateResult>) | null;
  /**
   * Whether its credentials are good, as far as that shows without making a key. `field`: with its section of the template's entry, as
   * `creator.token_file` or `signer.url`.
   */
  check(signal: AbortSignal): Promise<SignerCheck>;
  close(): Promise<void>;
}
