// Owns a chain with a token, a hook, a lookup table and two token accounts, and the decode stage over it, for tests.
import { type Address, blockhash, getAddressEncoder, type Instruction } from '@solana/kit';
import type { ChainReader } from '../../../relayer/chain-reader.ts';
import { encodeV0 } from '../../../test/differential/corpus.ts';
import { knownAddress } from '../../core/base58.ts';
import type { AccountState } from '../../core/effects/chain-facts.ts';
import { mintAccount, tokenAccount } from '../../core/effects/testing/judge.ts';
import { extendedAccount, extendedMint } from '../../core/effects/testing/token-2022-state.ts';
import { NOTHING_DESCRIBED } from '../../core/transaction/programs/decode-instruction.ts';
import { keyAddress } from '../../core/transaction/testing/wire-builder.ts';
import { type EstablishedTransaction, establishTransaction } from '../decode.ts';
import { type ChainCache, createChainCache } from '../facts/chain-cache.ts';
import type { PipelineDeps, SimulationSettings } from '../pipeline-deps.ts';
import { NO_COMPUTE_BUDGET } from './compute-budget-deps.ts';
import { type CountedChain, countRoundTrips } from './round-trip-counter.ts';
import { type ScriptedChain, scriptedChain } from './scripted-chain.ts';

export const WALLET = keyAddress(1);
export const FRIEND = keyAddress(2);
export const MINT = keyAddress(3);
export const OURS = keyAddress(4);
export const THEIRS = keyAddress(5);
export const TABLE = keyAddress(6);
export const PROGRAM = keyAddress(7);
export const HOOKED_MINT = keyAddress(8);
export const OUR_HOOKED = keyAddress(9);
export const THEIR_HOOKED = keyAddress(10);
const HOOK = keyAddress(11);

const LOOKUP_TABLE_PROGRAM = knownAddress('AddressLookupTab1e1111111111111111111111111');
const NO_BLOCKHASH = blockhash('11111111111111111111111111111111');
const ignore = (): void => undefined;
/** What the table holds, so that a transaction that uses it names these by index. */
export const TABLE_ENTRIES: readonly Address[] = [FRIEND, OURS, THEIRS, OUR_HOOKED, THEIR_HOOKED, HOOKED_MINT];

export interface FactScene {
  readonly scripted: ScriptedChain;
  readonly counted: CountedChain;
  readonly cache: ChainCache;
  /** One pass of the decode stage, counted by itself. */
  establish(wire: Uint8Array, change?: Partial<Asked>): Promise<EstablishedTransaction>;
}

interface Asked {
  readonly mode: SimulationSettings['mode'];
  readonly setFreshBlockhash: boolean;
  readonly chain: ChainReader;
}

/** The newest blockhash is at hand. */
export function openFactScene(): FactScene {
  const scripted = scriptedChain();
  scripted.isBlockhashAtHand = true;
  scripted.simulation = { status: 'failed', slot: 1n, error: '"AccountNotFound"' };
  scripted.held
    .set(MINT, mintAccount(6))
    .set(OURS, tokenAccount({ mint: MINT, owner: WALLET }))
    .set(THEIRS, tokenAccount({ mint: MINT, owner: FRIEND }))
    .set(HOOKED_MINT, hookedMint())
    .set(OUR_HOOKED, extendedAccount({ mint: HOOKED_MINT, owner: WALLET }))
    .set(THEIR_HOOKED, extendedAccount({ mint: HOOKED_MINT, owner: FRIEND }))
    .set(TABLE, lookupTable(TABLE_ENTRIES));
  const counted = countRoundTrips(scripted);
  const cache = createChainCache();
  const deps = {
    chainCache: cache,
    routes: new Map(),
    verifySignature: notCalled,
    observer: {
      stage: ignore,
      roundTrips: ignore,
      outcome: ignore,
      signerCall: ignore,
      feePayerCall: ignore,
      relayerCall: ignore,
      overBudget: ignore,
      reconciled: ignore,
      disputed: ignore,
    },
  } satisfies Partial<PipelineDeps>;
  return {
    scripted,
    counted,
    cache,
    establish: (wire, { mode = 'when_needed', setFreshBlockhash = true, chain = counted.chain } = {}) => {
      counted.reset();
      const ask = {
        method: 'sign' as const,
        agentId: 'trader',
        walletId: 'treasury',
        received: wire,
        setFreshBlockhash,
        idempotencyKey: null,
        context: {},
      };
      const wallet = { id: 'treasury', address: WALLET };
      const simulation = { mode, timeoutMs: 1_000 };
      return establishTransaction(
        { ...deps, ...NO_COMPUTE_BUDGET, chain, simulation },
        { describedPrograms: NOTHING_DESCRIBED },
        ask,
        wallet,
        new AbortController().signal,
      );
    },
  };
}

/** Paid by the wallet; what the table holds is named by index. */
export function wireOf(instructions: readonly Instruction[], table: readonly Address[] = []): Uint8Array {
  return encodeV0(WALLET, NO_BLOCKHASH, instructions, [{ address: TABLE, entries: table }]);
}

export function lookupTable(addresses: readonly Address[]): AccountState {
  const data = new Uint8Array(56 + 32 * addresses.length);
  data[0] = 1;
  data.fill(255, 4, 12);
  for (const [index, address] of addresses.entries()) data.set(getAddressEncoder().encode(address), 56 + 32 * index);
  return { owner: LOOKUP_TABLE_PROGRAM, lamports: 1n, data };
}

function hookedMint(): AccountState {
  return extendedMint({ extensions: [{ __kind: 'TransferHook', authority: FRIEND, programId: HOOK }] });
}

function notCalled(): never {
  throw new Error('nobody should call this');
}
