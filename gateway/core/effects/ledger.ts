// Owns the state that is followed through a transaction: token accounts and lamports as they stand after each instruction.
import type { Address } from '../address.ts';
import type { AccountState, ChainFacts } from './chain-facts.ts';
import type { AccountCreation, AssetTotal, Basis, Effects, MintFacts, RecipientTotal } from './effects.ts';
import type { StakeAuthorities } from './stake/stake-state.ts';
import type { Mint } from './token/mint-state.ts';
import { type Holding, isNative, readTokenAccount } from './token/token-state.ts';

/** Who can take the rent back is known only at the end. */
export type RecordedCreation = Omit<AccountCreation, 'refundableTo'>;

type Lists = { readonly creations: readonly RecordedCreation[] } & Pick<
  Effects,
  | 'transfers'
  | 'approvals'
  | 'authorityChanges'
  | 'closes'
  | 'supplyChanges'
  | 'operations'
  | 'cpiSigners'
  | 'guarantees'
  | 'missing'
>;

/** Mutable lists of what will be the effects. */
type Growing = { -readonly [K in keyof Lists]: Lists[K] extends readonly (infer T)[] ? T[] : never };

export interface Ledger {
  readonly wallet: Address;
  readonly facts: ChainFacts;
  /** Accounts whose state was wanted and is not among the facts. */
  readonly asked: Set<Address>;
  /** Token accounts as they stand now; `null`: closed by this transaction, or never one. */
  readonly holdings: Map<Address, Holding | null>;
  /** Token accounts that the wallet owned at any point. */
  readonly walletHoldings: Set<Address>;
  /** Accounts of others that the wallet's signature draws on: as delegate, member of a multisig, or another authority. */
  readonly controlled: Set<Address>;
  /** Associated token accounts that the transaction creates. */
  readonly associated: Set<Address>;
  /** Token accounts that cannot be another's when the transaction lands: it makes them, or a program checks their address. */
  readonly settled: Set<Address>;
  /** Authorities of stake accounts as they stand now; `null`: merged away by this transaction, or never one. */
  readonly stakes: Map<Address, StakeAuthorities | null>;
  /** Who can take the lamports of what the transaction makes, where that is neither a token account nor a stake. */
  readonly rentHolders: Map<Address, AccountCreation['refundableTo']>;
  /** Lamports that the transaction has put into an account so far, or taken from it. */
  readonly lamportChanges: Map<Address, bigint>;
  /** Bytes of accounts that the transaction creates. */
  readonly newSizes: Map<Address, bigint>;
  /** Mints that the transaction makes or changes, as they stand now. */
  readonly mints: Map<Address, Mint>;
  /** Mints that the transaction prepares: extensions come before the mint itself. */
  readonly unfinishedMints: Map<Address, Mint>;
  /** What is listed of the mints in use. */
  readonly mintFacts: Map<Address, MintFacts>;
  readonly effects: Growing;
  /** What the effects of the instruction that is being followed rest on; raised to `state` by whoever reads the facts. */
  basis: Basis;
  readonly outflows: Map<string, AssetTotal>;
  readonly outflowsByRecipient: Map<string, RecipientTotal>;
  readonly inflows: Map<string, AssetTotal>;
  rentLamports: bigint;
}

export function openLedger(wallet: Address, facts: ChainFacts): Ledger {
  return {
    wallet,
    facts,
    asked: new Set(),
    holdings: new Map(),
    walletHoldings: new Set(),
    controlled: new Set(),
    associated: new Set(),
    settled: new Set(),
    stakes: new Map(),
    rentHolders: new Map(),
    lamportChanges: new Map(),
    newSizes: new Map(),
    mints: new Map(),
    unfinishedMints: new Map(),
    mintFacts: new Map(),
    effects: {
      transfers: [],
      creations: [],
      approvals: [],
      authorityChanges: [],
      closes: [],
      supplyChanges: [],
      operations: [],
      cpiSigners: [],
      guarantees: [],
      missing: [],
    },
    basis: 'message',
    outflows: new Map(),
    outflowsByRecipient: new Map(),
    inflows: new Map(),
    rentLamports: 0n,
  };
}

export function reportMissing(ledger: Ledger, fact: string, instruction: number, detail: string): void {
  ledger.effects.missing.push({ fact, instruction, detail });
}

/** The token account as it stands now; names it as missing and answers `null` when that cannot be established. */
export function requireHolding(ledger: Ledger, account: Address, instruction: number): Holding | null {
  const known = ledger.holdings.get(account);
  if (ledger.facts.accounts.has(account)) restOnState(ledger);
  if (known) return known;
  const reason = known === null ? 'is no token account at this point' : adopt(ledger, account);
  if (reason !== null) reportMissing(ledger, 'token_account', instruction, `${account} ${reason}`);
  return ledger.holdings.get(account) ?? null;
}

/** The same without asking for it: `null` when nobody needed to know. */
export function knownHolding(ledger: Ledger, account: Address): Holding | null {
  if (ledger.facts.accounts.has(account)) restOnState(ledger);
  if (!ledger.holdings.has(account) && ledger.facts.accounts.has(account)) adopt(ledger, account);
  return ledger.holdings.get(account) ?? null;
}

export function setHolding(ledger: Ledger, account: Address, holding: Holding | null): void {
  ledger.holdings.set(account, holding);
  if (holding?.owner === ledger.wallet) ledger.walletHoldings.add(account);
}

/** Lamports that an account holds now; `null` when its state is not among the facts. */
export function lamportsOf(ledger: Ledger, account: Address): bigint | null {
  const state = lookUp(ledger, account);
  if (state === undefined) return null;
  const lamports = (state?.lamports ?? 0n) + (ledger.lamportChanges.get(account) ?? 0n);
  return lamports > 0n ? lamports : 0n;
}

/** The same without asking for it: `null` when nobody needed to know. */
export function knownLamports(ledger: Ledger, account: Address): bigint | null {
  return ledger.facts.accounts.has(account) ? lamportsOf(ledger, account) : null;
}

export function moveLamports(ledger: Ledger, from: Address, to: Address, amount: bigint): void {
  changeLamports(ledger, from, -amount);
  changeLamports(ledger, to, amount);
}

/** Tokens that an account holds now; names it as missing and answers zero when that cannot be established. */
export function requireAmount(ledger: Ledger, account: Address, instruction: number): bigint {
  const amount = ledger.holdings.get(account)?.amount ?? null;
  if (amount !== null) return amount > 0n ? amount : 0n;
  lookUp(ledger, account);
  reportMissing(ledger, 'token_account', instruction, `the amount in ${account} was not read from the chain`);
  return 0n;
}

/** Follows a balance of tokens as far as it is known. */
export function changeTokens(ledger: Ledger, account: Address, change: bigint): void {
  const holding = ledger.holdings.get(account);
  if (!holding || holding.amount === null) return;
  ledger.holdings.set(account, { ...holding, amount: holding.amount + change });
}

/** Follows what an account keeps of transfer fees, as far as it is known. */
export function changeWithheld(ledger: Ledger, account: Address, change: bigint): void {
  const holding = ledger.holdings.get(account);
  if (!holding || holding.withheld === null) return;
  ledger.holdings.set(account, { ...holding, withheld: holding.withheld + change });
}

export function changeLamports(ledger: Ledger, account: Address, change: bigint): void {
  ledger.lamportChanges.set(account, (ledger.lamportChanges.get(account) ?? 0n) + change);
}

/** `undefined`: not among the facts, and noted as asked. */
export function lookUp(ledger: Ledger, account: Address): AccountState | null | undefined {
  const state = ledger.facts.accounts.get(account);
  if (state === undefined) ledger.asked.add(account);
  else restOnState(ledger);
  return state;
}

/** What a simulation showed stays so; it cannot become better founded by what was read beside it. */
export function restOnState(ledger: Ledger): void {
  if (ledger.basis === 'message') ledger.basis = 'state';
}

/** Takes a token account over from the facts; answers why not. */
function adopt(ledger: Ledger, account: Address): string | null {
  const state = lookUp(ledger, account);
  const holding = state ? readTokenAccount(state) : null;
  if (holding === null) return unreadable(state, 'token account');
  setHolding(ledger, account, holding);
  return null;
}

/** Why what the chain said of an account is no token account, or no mint. */
export function unreadable(state: AccountState | null | undefined, kind: 'token account' | 'mint'): string {
  if (state === undefined) return 'was not read from the chain';
  return state === null ? 'does not exist' : `is no initialized ${kind} whose every extension is known`;
}

/** Whether lamports in a token account belong to its owner and nobody else. */
export function ownerHoldsLamports(holding: Holding): boolean {
  return isNative(holding) && onlyOwnerCloses(holding);
}

/** Whether nobody but its owner can close a token account. */
export function onlyOwnerCloses({ closeAuthority, owner }: Holding): boolean {
  return closeAuthority === null || closeAuthority === owner;
}
