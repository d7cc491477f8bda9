// Owns what would happen: a copy of the local chain on which a transaction runs as if everybody had signed it, and on which the attacker
// then goes on. The chain itself stays as it is.
import { type Address, getTransactionDecoder, type Instruction } from '@solana/kit';
import { FailedTransactionMetadata, FeatureSet, LiteSVM } from 'litesvm';
import type { AccountState } from '../../gateway/core/effects/chain-facts.ts';
import type { LookupTable } from '../../gateway/core/transaction/decoded-transaction.ts';
import { parseTransaction } from '../../gateway/core/transaction/parse.ts';
import { lookupTableAddresses, readLookupTable, resolveAccounts } from '../../gateway/core/transaction/resolve.ts';
import { createRpcChainReader } from '../../relayer/rpc/rpc-chain-reader.ts';
import { wireTransaction } from '../../tour/transactions.ts';
import { put } from '../differential/keeping-scene.ts';

/** Programs that are on the chain and not in LiteSVM from the start: ELF files by address. */
export type Programs = ReadonlyMap<Address, Uint8Array>;

export interface Fork {
  readonly svm: LiteSVM;
  /** The error, or `null`: it landed. */
  land(wire: Uint8Array): Promise<string | null>;
  /** Lands a transaction that `payer` pays, and all who must have signed; throws when it fails. */
  act(payer: Address, instructions: readonly Instruction[]): Promise<void>;
  lamports(address: Address): Promise<bigint>;
  /** Of a token account; zero where there is none. */
  tokens(address: Address): Promise<bigint>;
  account(address: Address): Promise<AccountState | null>;
}

const AMOUNT_OFFSET = 64;

export function forkOf(rpcUrl: string, programs: Programs = new Map()): Fork {
  const svm = new LiteSVM().withFeatureSet(FeatureSet.allEnabled()).withBuiltins().withDefaultPrograms();
  svm.withSigverify(false).withBlockhashCheck(false);
  for (const [address, elf] of programs) svm.addProgram(address, elf);
  const chain = createRpcChainReader({ url: rpcUrl, timeoutMs: 5_000 });
  const copied = new Set<Address>();

  const copy = async (addresses: readonly Address[]): Promise<void> => {
    // What LiteSVM has already is a program or a sysvar.
    const wanted = addresses.filter((address) => !copied.has(address) && !svm.getAccount(address).exists);
    for (const address of addresses) copied.add(address);
    if (wanted.length === 0) return;
    const { accounts } = await chain.getAccounts(wanted, AbortSignal.timeout(5_000));
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
