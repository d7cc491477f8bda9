// Owns what would happen: a copy of the local chain on which a transaction runs as if everybody had signed it, and on which the attacker
// then goes on. The chain itself stays as it is.
import { type Address, getAddressDecoder, getTransactionDecoder, type Instruction, lamports } from '@solana/kit';
import { FailedTransactionMetadata, LiteSVM } from 'litesvm';
import type { AccountState } from '../../gateway/core/effects/chain-facts.ts';
import type { LookupTable } from '../../gateway/core/transaction/decoded-transaction.ts';
import { readLookupTable } from '../../gateway/core/transaction/lookup-table.ts';
import { parseTransaction } from '../../gateway/core/transaction/parse.ts';
import { SYSTEM_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { lookupTableAddresses, resolveAccounts } from '../../gateway/core/transaction/resolve.ts';
import type { ChainReader } from '../../relayer/chain-reader.ts';
import { createRpcChainReader } from '../../relayer/rpc/rpc-chain-reader.ts';
import { wireTransaction } from '../../tour/transactions.ts';

/** Programs that are on the chain and not in LiteSVM from the start: ELF files by address. */
export type Programs = ReadonlyMap<Address, Uint8Array>;

export interface Fork {
  readonly svm: LiteSVM;
  /** The error, or `null`: it landed. */
  land(wire: Uint8Array): Promise<string | null>;
  /** Lands a transaction that `payer` pays, and all who must have signed; throws when it fails. */
  act(payer: Address, instructions: readonly Instruction[]): Promise<void>;
  /** What the attacker has come to leave there, in as many steps as that takes. */
  put(address: Address, state: AccountState): void;
  lamports(address: Address): Promise<bigint>;
  /** Of a token account; zero where there is none. */
  tokens(address: Address): Promise<bigint>;
  account(address: Address): Promise<AccountState | null>;
}

const SLOT = 100_000n;
/** The one that a fork knows the hash of. */
export const RECENT_SLOT = SLOT - 1n;
const RECENT_HASH = getAddressDecoder().decode(new Uint8Array(32).fill(7));
const AMOUNT_OFFSET = 64;
const NOTHING: AccountState = { owner: SYSTEM_PROGRAM, lamports: 0n, data: new Uint8Array() };
const SYSVARS = 'Sysvar1111111111111111111111111111111111111';

/** Each call gives a fork of the chain as it stands then, and ends the one before: they are one machine. */
export function forking(rpcUrl: string, programs: Programs = new Map()): () => Fork {
  // As the local chain has it: without further settings.
  const svm = new LiteSVM().withSigverify(false).withBlockhashCheck(false);
  for (const [address, elf] of programs) svm.addProgram(address, elf);
  // Long after everything that was done before: programs can be upgraded, tables that were deactivated can be closed.
  svm.warpToSlot(SLOT);
  svm.setSlotHashes([{ slot: RECENT_SLOT, hash: RECENT_HASH }]);
  const chain = createRpcChainReader({ url: rpcUrl, timeoutMs: 5_000 });
  const copied = new Set<Address>();
  return () => {
    for (const address of copied) put(svm, address, NOTHING);
    copied.clear();
    return forkOn(svm, chain, copied);
  };
}

function forkOn(svm: LiteSVM, chain: ChainReader, copied: Set<Address>): Fork {
  const copy = async (addresses: readonly Address[]): Promise<void> => {
    const wanted = addresses.filter((address) => !copied.has(address) && !isOfTheMachine(svm, address));
    if (wanted.length === 0) return;
    const { accounts } = await chain.getAccounts(wanted, AbortSignal.timeout(5_000));
    for (const address of wanted) copied.add(address);
    for (const [address, state] of accounts) if (state !== null) put(svm, address, state);
  };
  const account = async (address: Address): Promise<AccountState | null> => {
    await copy([address]);
    const found = svm.getAccount(address);
    if (!found.exists || found.lamports === 0n) return null;
    return { owner: found.programAddress, lamports: found.lamports, data: new Uint8Array(found.data) };
  };
  const land = async (wire: Uint8Array): Promise<string | null> => {
    const parsed = parseTransaction(wire);
    // Bytes that are no transaction end the process of LiteSVM.
    if (parsed.kind === 'malformed') throw new Error(JSON.stringify(parsed.error));
    const tables = new Map<Address, LookupTable | null>();
    for (const table of lookupTableAddresses(parsed.value)) tables.set(table, readLookupTable(await account(table)));
    const resolved = resolveAccounts(parsed.value, tables);
    if (resolved.kind === 'malformed') throw new Error(JSON.stringify(resolved.error));
    await copy(resolved.value.map(({ address }) => address));
    const result = svm.sendTransaction(getTransactionDecoder().decode(wire));
    svm.expireBlockhash();
    return result instanceof FailedTransactionMetadata ? `${result.err()} ${result.meta().logs().join('\n')}` : null;
  };
  return {
    svm,
    land,
    account,
    put: (address, state) => {
      copied.add(address);
      put(svm, address, state);
    },
    act: async (payer, instructions) => {
      const failure = await land(wireTransaction(payer, instructions));
      if (failure !== null) throw new Error(failure);
    },
    lamports: async (address) => (await account(address))?.lamports ?? 0n,
    tokens: async (address) => {
      const data = Buffer.from((await account(address))?.data ?? []);
      return data.length < AMOUNT_OFFSET + 8 ? 0n : data.readBigUInt64LE(AMOUNT_OFFSET);
    },
  };
}

/** Programs and sysvars are the same everywhere. */
function isOfTheMachine(svm: LiteSVM, address: Address): boolean {
  const found = svm.getAccount(address);
  return found.exists && (found.executable || found.programAddress === SYSVARS);
}

function put(svm: LiteSVM, address: Address, { owner, lamports: held, data }: AccountState): void {
  const space = BigInt(data.length);
  svm.setAccount({ address, programAddress: owner, lamports: lamports(held), data, executable: false, space });
}
