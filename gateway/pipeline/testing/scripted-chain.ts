// Owns a chain and a relayer for tests: they say what the test wrote down, and count what was asked and sent.
import {
  type ChainAccount,
  type ChainReader,
  type ChainSimulation,
  ChainUnavailable,
  type SignatureStatus,
} from '../../../relayer/chain-reader.ts';
import type { Relayer, SubmitResult } from '../../../relayer/relayer.ts';
import { encodeBase58 } from '../../core/base58.ts';

const BLOCKHASH = encodeBase58(new Uint8Array(32).fill(3));

export interface ScriptedChain extends ChainReader {
  /** By commitment; the test moves them. */
  readonly heights: { processed: bigint; confirmed: bigint; finalized: bigint };
  /** What every signature's status is. */
  status: SignatureStatus | null;
  /** Of the node that answers about statuses; above the finalized slot unless the test holds it back. */
  statusSlot: bigint;
  /** Of the finalized block, Unix seconds; far beyond every judgement unless the test holds it back. */
  finalizedTime: bigint;
  /** Block height, and slot, of the oldest block that the node has. */
  oldestBlock: bigint;
  /** Called before each answer to a question about statuses; may change the script. */
  onStatuses: () => void;
  blockhash: string;
  blockhashIsValid: boolean;
  /** Whether the newest blockhash can be had without asking. */
  isBlockhashAtHand: boolean;
  /** Of every answer about accounts. */
  slot: bigint;
  readonly held: Map<string, ChainAccount>;
  simulation: ChainSimulation;
  isAway: boolean;
  /** Names of the methods that were called, in order. */
  readonly asked: string[];
}

/** All heights 100, blockhashes die above 250, no signature known, no account there. */
export function scriptedChain(): ScriptedChain {
  const asked: string[] = [];
  const answer = async <T>(method: string, value: () => T): Promise<T> => {
    asked.push(method);
    if (chain.isAway) throw new ChainUnavailable('the test took it away');
    return value();
  };
  const latest = () => ({ blockhash: chain.blockhash, lastValidBlockHeight: 250n });
  const chain: ScriptedChain = {
    heights: { processed: 100n, confirmed: 100n, finalized: 100n },
    status: null,
    statusSlot: 10_000n,
    finalizedTime: 1_000_000_000_000n,
    oldestBlock: 0n,
    onStatuses: () => undefined,
    blockhash: BLOCKHASH,
    blockhashIsValid: true,
    isBlockhashAtHand: false,
    slot: 1n,
    held: new Map(),
    simulation: { status: 'failed', slot: 1n, error: '"NotScripted"' },
    isAway: false,
    asked,
    host: 'scripted',
    endpoints: 1,
    nodes: () => [chain],
    witnesses: 1,
    getAccounts: (addresses, _signal, welcome = []) =>
      answer('getAccounts', () => ({
        slot: chain.slot,
        accounts: new Map([...addresses, ...welcome].map((address) => [address, chain.held.get(address) ?? null])),
        glimpsed: new Map(),
      })),
    getLatestBlockhash: () => answer('getLatestBlockhash', latest),
    blockhashAtHand: () => (chain.isBlockhashAtHand ? latest() : null),
    getBlockhashOtherThan: () => answer('getBlockhashOtherThan', latest),
    getBlockHeight: (commitment) => answer(`getBlockHeight ${commitment}`, () => chain.heights[commitment]),
    isBlockhashValid: (_, commitment) =>
      answer(`isBlockhashValid ${commitment}`, () => ({
        slot: chain.heights[commitment],
        isValid: chain.blockhashIsValid && chain.heights.finalized <= 250n,
      })),
    getSignatureStatuses: (signatures) =>
      answer('getSignatureStatuses', () => {
        chain.onStatuses();
        return { slot: chain.statusSlot, statuses: signatures.map(() => chain.status) };
      }),
    getFinalizedBlock: () =>
      answer('getFinalizedBlock', () => ({ slot: chain.heights.finalized, blockHeight: chain.heights.finalized })),
    getFinalizedClock: () =>
      answer('getFinalizedClock', () => ({ slot: chain.heights.finalized, unixSeconds: chain.finalizedTime })),
    getOldestBlock: () => answer('getOldestBlock', () => ({ slot: chain.oldestBlock, blockHeight: chain.oldestBlock })),
    getFinalizedAccounts: (addresses) =>
      answer('getFinalizedAccounts', () => ({
        slot: chain.heights.finalized,
        accounts: new Map(addresses.map((address) => [address, chain.held.get(address) ?? null])),
      })),
    simulate: () => answer('simulate', () => chain.simulation),
    getGenesisHash: () => answer('getGenesisHash', () => BLOCKHASH),
    close: async () => undefined,
  };
  return chain;
}

export interface ScriptedRelayer extends Relayer {
  readonly sent: Uint8Array[];
  answer: (signedTransaction: Uint8Array) => Promise<SubmitResult>;
  lack: Relayer['lack'];
}

export function scriptedRelayer(): ScriptedRelayer {
  const sent: Uint8Array[] = [];
  const relayer: ScriptedRelayer = {
    name: 'scripted',
    backend: 'test',
    lack: () => null,
    check: async () => ({ kind: 'ready', detail: 'a test' }),
    close: async () => undefined,
    sent,
    answer: async () => ({ kind: 'accepted' }),
    submit: (signedTransaction) => {
      sent.push(signedTransaction.slice());
      return relayer.answer(signedTransaction);
    },
  };
  return relayer;
}
