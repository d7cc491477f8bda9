// Owns the shape of what a transaction does to the wallet that is asked to sign it.
import type { Address } from '../address.ts';

/** `SOL` or the base58 address of a mint. */
export type Asset = string;

export interface Transfer {
  readonly instruction: number;
  readonly asset: Asset;
  /** Base units. */
  readonly amount: bigint;
  /** `null`: the mint could not be read. */
  readonly decimals: number | null;
  readonly source: Address;
  /** `null`: could not be established (then `missing` names it). */
  readonly sourceOwner: Address | null;
  readonly destination: Address;
  /** Owner of the credited account; `null`: could not be established. */
  readonly recipient: Address | null;
}

export interface AssetTotal {
  readonly asset: Asset;
  readonly amount: bigint;
  readonly decimals: number | null;
}

export interface RecipientTotal {
  readonly asset: Asset;
  readonly recipient: Address;
  readonly amount: bigint;
}

export interface Fee {
  readonly payer: Address;
  readonly baseLamports: bigint;
  readonly priorityLamports: bigint;
  readonly totalLamports: bigint;
}

export interface AccountCreation {
  readonly instruction: number;
  readonly account: Address;
  readonly payer: Address;
  /** Program that will own the new account. */
  readonly ownerProgram: Address;
  readonly rentLamports: bigint;
}

export interface DelegateApproval {
  readonly instruction: number;
  readonly account: Address;
  readonly owner: Address;
  readonly delegate: Address;
  readonly asset: Asset | null;
  readonly amount: bigint;
}

export interface AuthorityChange {
  readonly instruction: number;
  /** `token_account_owner`, `close_account`, `mint_tokens`, `freeze_account`, `system_assign`, `nonce_authority`, … */
  readonly kind: string;
  readonly account: Address;
  readonly from: Address | null;
  /** `null`: given up for good. */
  readonly to: Address | null;
}

export interface AccountClose {
  readonly instruction: number;
  readonly account: Address;
  readonly owner: Address;
  readonly destination: Address;
}

export interface SupplyChange {
  readonly instruction: number;
  readonly kind: 'mint' | 'burn';
  readonly asset: Asset | null;
  readonly account: Address;
  readonly amount: bigint;
}

export interface NonceOperation {
  readonly instruction: number;
  readonly kind: 'advance' | 'withdraw' | 'initialize' | 'authorize' | 'upgrade';
  readonly nonceAccount: Address;
}

export interface MissingFact {
  /** `instruction` (cannot be read), `token_account`, `mint`, … */
  readonly fact: string;
  /** `null`: concerns the whole transaction. */
  readonly instruction: number | null;
  readonly detail: string;
}

/** All amounts are gross: what comes in never makes room for what goes out. */
export interface Effects {
  readonly transfers: readonly Transfer[];
  /** Sums that leave the wallet, an asset each; includes what a burn destroys and rent above the exemption. */
  readonly outflows: readonly AssetTotal[];
  readonly outflowsByRecipient: readonly RecipientTotal[];
  readonly inflows: readonly AssetTotal[];
  readonly fee: Fee;
  readonly creations: readonly AccountCreation[];
  /** Sum of the rent that the wallet pays for new accounts. */
  readonly rentLamports: bigint;
  readonly approvals: readonly DelegateApproval[];
  readonly authorityChanges: readonly AuthorityChange[];
  readonly closes: readonly AccountClose[];
  readonly supplyChanges: readonly SupplyChange[];
  readonly nonceOperations: readonly NonceOperation[];
  readonly missing: readonly MissingFact[];
}
