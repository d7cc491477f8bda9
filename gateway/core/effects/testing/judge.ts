// Owns judging instructions in tests: kit compiles them, the core reads the bytes, and a made-up chain gives the facts.
import { AccountRole, blockhash, type Instruction, type V1TransactionConfig } from '@solana/kit';
import { getMintEncoder, getTokenEncoder, AccountState as TokenState } from '@solana-program/token';
import { encodeLegacy, encodeV1, type KnownTable } from '../../../../test/differential/corpus.ts';
import type { Address } from '../../address.ts';
import { decodeTransaction } from '../../transaction/decode.ts';
import type { DecodedTransaction, LookupTable } from '../../transaction/decoded-transaction.ts';
import { parseTransaction } from '../../transaction/parse.ts';
import { type DescribedPrograms, NOTHING_DESCRIBED } from '../../transaction/programs/decode-instruction.ts';
import { NATIVE_MINT, TOKEN_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { resolveAccounts } from '../../transaction/resolve.ts';
import type { AccountState, ChainFacts } from '../chain-facts.ts';
import { computeEffects } from '../compute-effects.ts';
import type { Effects } from '../effects.ts';
import { accountsNeeded } from '../facts-needed.ts';
import { TOKEN_ACCOUNT_RENT } from '../rent.ts';

/** What the chain holds; accounts that are not in it do not exist. */
export type Chain = readonly (readonly [Address, AccountState])[];

export interface Judged {
  readonly effects: Effects;
  /** Accounts that were asked for, a round at a time. */
  readonly rounds: readonly (readonly Address[])[];
}

const BLOCKHASH = blockhash('4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZAMdL4VZHirAn');

/** Of the version before 0, or of version 1 with a config. */
export function decodeInstructions(
  feePayer: Address,
  instructions: readonly Instruction[],
  config: V1TransactionConfig | null = null,
): DecodedTransaction {
  return decodeWire(
    config === null
      ? encodeLegacy(feePayer, BLOCKHASH, instructions)
      : encodeV1(feePayer, BLOCKHASH, instructions, config),
  );
}

/** Throws when the core refuses the bytes. */
export function decodeWire(
  wire: Uint8Array,
  tables: readonly KnownTable[] = [],
  described: DescribedPrograms = NOTHING_DESCRIBED,
): DecodedTransaction {
  const parsed = parseTransaction(wire);
  if (parsed.kind === 'malformed') throw new Error(JSON.stringify(parsed.error));
  const held = new Map<Address, LookupTable>(tables.map(({ address, entries }) => [address, { addresses: entries }]));
  const accounts = resolveAccounts(parsed.value, held);
  if (accounts.kind === 'malformed') throw new Error(JSON.stringify(accounts.error));
  return decodeTransaction(parsed.value, accounts.value, described);
}

/** The wallet pays the fee. */
export function judge(wallet: Address, instructions: readonly Instruction[], chain: Chain = []): Judged {
  const decoded = decodeInstructions(wallet, instructions);
  const { accounts, rounds } = readFacts(decoded, wallet, chain);
  return { effects: computeEffects(decoded, wallet, { slot: 1n, accounts }), rounds };
}

/** Asks the chain until nothing is needed any more, as the gateway does. */
export function readFacts(
  decoded: DecodedTransaction,
  wallet: Address,
  chain: Chain,
): Pick<ChainFacts, 'accounts'> & Pick<Judged, 'rounds'> {
  const held = new Map(chain);
  const accounts = new Map<Address, AccountState | null>();
  const rounds: (readonly Address[])[] = [];
  for (;;) {
    const needed = accountsNeeded(decoded, wallet, { slot: 1n, accounts });
    if (needed.length === 0) return { accounts, rounds };
    rounds.push(needed);
    for (const address of needed) accounts.set(address, held.get(address) ?? null);
  }
}

export interface TokenAccountPlan {
  readonly mint: Address;
  readonly owner: Address;
  readonly amount?: bigint;
  readonly closeAuthority?: Address;
  /** Beyond rent, and beyond the amount for wrapped SOL. */
  readonly extraLamports?: bigint;
}

export function tokenAccount(plan: TokenAccountPlan): AccountState {
  const { mint, owner, amount = 1_000n, closeAuthority = null, extraLamports = 0n } = plan;
  const native = mint === NATIVE_MINT;
  const data = getTokenEncoder().encode({
    mint,
    owner,
    amount,
    delegate: null,
    state: TokenState.Initialized,
    isNative: native ? TOKEN_ACCOUNT_RENT : null,
    delegatedAmount: 0n,
    closeAuthority,
  });
  const lamports = TOKEN_ACCOUNT_RENT + extraLamports + (native ? amount : 0n);
  return { owner: TOKEN_PROGRAM, lamports, data: new Uint8Array(data) };
}

export function mintAccount(decimals: number): AccountState {
  const authorities = { mintAuthority: null, freezeAuthority: null };
  const data = getMintEncoder().encode({ ...authorities, supply: 1n, decimals, isInitialized: true });
  return { owner: TOKEN_PROGRAM, lamports: 1_461_600n, data: new Uint8Array(data) };
}

/** For what the published clients cannot write. */
export function rawInstruction(
  programAddress: Address,
  accounts: readonly (readonly [Address, AccountRole])[],
  data: readonly number[],
): Instruction {
  return {
    programAddress,
    accounts: accounts.map(([address, role]) => ({ address, role })),
    data: Uint8Array.from(data),
  };
}

export const { WRITABLE, READONLY, READONLY_SIGNER, WRITABLE_SIGNER } = AccountRole;
