// Owns what the administration of managed wallets knows of a template of the configuration.
import type { CreatedKey, KeyCreator } from '../../../signers/key-creator.ts';
import type { Signer } from '../../../signers/signer.ts';

export interface ManagedTemplate {
  /** From the configuration. */
  readonly name: string;
  /** Its `type` there. */
  readonly backend: string;
  readonly maxWallets: number;
  readonly allowExport: boolean;
  readonly allowImport: boolean;
  /** Else it lacks something, which its check names; what its creator can besides making keys is not known then. */
  readonly isOpen: () => boolean;
  readonly creator: KeyCreator;
  /** A signer by the credentials that its wallets sign with, which are others than the creator's. Rejects where there is none for this key. */
  openSigner(key: CreatedKey): Promise<Pick<Signer, 'address' | 'check' | 'close'>>;
}
