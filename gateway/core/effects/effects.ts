// Owns the shape of what a transaction does to the wallet that is asked to sign it.
import type { Address } from '../address.ts';

/** `SOL` or the base58 address of a mint. */
export type Asset = string;

/**
 * What a fact rests on. `message`: the signed bytes alone. `state`: accounts as the chain gave them. `simulation`: one run of it, which
 * another run need not repeat. `asserted`: the transaction fails on chain unless it is so.
 */
export type Basis = 'message' | 'state' | 'simulation' | 'asserted';

export interface Transfer {
  readonly instruction: number;
  readonly basis: Basis;
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
  /** Base units that the mint keeps from the recipient as its transfer fee, at most; they are part of `amount`. */
  readonly withheld: bigint;
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

/** Room on chain that somebody pays for: an account comes into being, or becomes larger. */
export interface AccountCreation {
  readonly instruction: number;
  readonly basis: Basis;
  /** `larger`: what made it so stands in `operations` too. */
  readonly kind: 'new' | 'larger';
  readonly account: Address;
  readonly payer: Address;
  /** Program that owns it then. */
  readonly ownerProgram: Address;
  /** What the payer pays so that it is exempt, at most: less where the account is there already or holds enough. */
  readonly rentLamports: bigint;
  /** Who can take the rent back once the transaction is over. The program itself where that is one whose accounts are not known. */
  readonly refundableTo: Address | 'nobody';
}

export interface DelegateApproval {
  readonly instruction: number;
  readonly basis: Basis;
  readonly account: Address;
  readonly owner: Address;
  readonly delegate: Address;
  readonly asset: Asset | null;
  readonly amount: bigint;
}

export interface AuthorityChange {
  readonly instruction: number;
  readonly basis: Basis;
  /** `token_account_owner`, `close_account`, `mint_tokens`, `freeze_account`, `system_assign`, `nonce_authority`, … */
  readonly kind: string;
  readonly account: Address;
  readonly from: Address | null;
  /** `null`: given up for good. */
  readonly to: Address | null;
}

export interface AccountClose {
  readonly instruction: number;
  readonly basis: Basis;
  readonly account: Address;
  readonly owner: Address;
  readonly destination: Address;
}

export interface SupplyChange {
  readonly instruction: number;
  readonly basis: Basis;
  readonly kind: 'mint' | 'burn';
  readonly asset: Asset | null;
  readonly account: Address;
  readonly amount: bigint;
}

/** Something done to an account that a program keeps: a nonce, a stake, a vote, a lookup table, a program or its buffer, … */
export interface ProgramOperation {
  readonly instruction: number;
  readonly basis: Basis;
  /** Snake case, the kind of account first: `nonce_advance`, `stake_delegate`, `lookup_table_extend`, `program_upgrade`, … */
  readonly kind: string;
  readonly account: Address;
}

/** What the chain says of a mint whose tokens move, or may be moved later. */
export interface MintFacts {
  readonly mint: Address;
  readonly tokenProgram: Address;
  readonly decimals: number;
  /** Names of its Token-2022 extensions in snake case, sorted. */
  readonly extensions: readonly string[];
  readonly permanentDelegate: Address | null;
  readonly transferHook: Address | null;
  /** The larger of the fee now and the one that is to come. `null`: none. */
  readonly transferFee: { readonly basisPoints: number; readonly maximum: bigint } | null;
}

/** What enters and leaves one account that the wallet owns or controls. */
export interface ProtectedBalance {
  readonly account: Address;
  /** `controlled`: not its own, but it signs for it as delegate, member of a multisig or another authority. */
  readonly relation: 'wallet' | 'owned' | 'controlled';
  readonly asset: Asset;
  /** Gross, base units. */
  readonly outflow: bigint;
  readonly inflow: bigint;
  /** Inflow less outflow: negative where more leaves than enters. */
  readonly net: bigint;
}

/** A program that gets the wallet's signature and is none of those whose instructions are known. */
export interface CpiSigner {
  readonly instruction: number;
  readonly basis: Basis;
  readonly program: Address;
  readonly signer: Address;
}

/** An address that stands only in the data of an instruction, not among its accounts. */
export interface DataAddress {
  readonly instruction: number;
  readonly basis: Basis;
  /** Name of the argument, with dots where it is nested. */
  readonly argument: string;
  readonly address: Address;
}

/** A bound that stands in the transaction itself. */
export interface Guarantee {
  readonly instruction: number;
  /** `asserted`: an assertion instruction makes the transaction fail. `message`: an argument that its program is trusted to keep. */
  readonly basis: Basis;
  /** `argument`, or what is asserted: `token_amount`, `lamports`, `token_owner`, `token_delegate`, … */
  readonly kind: string;
  /** Name of the argument; `null` for an assertion. */
  readonly argument: string | null;
  /** Account that is asserted on; `null` for an argument. */
  readonly account: Address | null;
  readonly operator: '==' | '!=' | '>' | '<' | '>=' | '<=';
  /** Base units; `null` where what is asserted is no number. */
  readonly amount: bigint | null;
  /** What else is asserted, for example an owner; `null` where it is a number. */
  readonly value: string | null;
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
  /** Sum of the rent in `creations` that the wallet pays. */
  readonly rentLamports: bigint;
  readonly approvals: readonly DelegateApproval[];
  readonly authorityChanges: readonly AuthorityChange[];
  readonly closes: readonly AccountClose[];
  readonly supplyChanges: readonly SupplyChange[];
  readonly operations: readonly ProgramOperation[];
  /** Net and gross for each account of the wallet, and each that it merely controls. */
  readonly protectedBalances: readonly ProtectedBalance[];
  readonly mints: readonly MintFacts[];
  readonly cpiSigners: readonly CpiSigner[];
  readonly dataAddresses: readonly DataAddress[];
  readonly guarantees: readonly Guarantee[];
  readonly missing: readonly MissingFact[];
}
