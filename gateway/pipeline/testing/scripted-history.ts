// Owns a wallet's history for tests: it shows what the test wrote down.
import { ChainUnavailable } from '../../../relayer/chain-reader.ts';
import type { WalletHistory } from '../../../relayer/wallet-history.ts';

export interface ScriptedLanding {
  readonly signature: string;
  /** Its block has the same height. */
  readonly slot: bigint;
  readonly error: string | null;
  readonly wire: Uint8Array;
}

export interface ScriptedHistory extends WalletHistory {
  /** The newest first; all of them name every address. */
  landed: ScriptedLanding[];
  oldestHeight: bigint;
  /** What it has finalized. */
  slot: bigint;
  isAway: boolean;
  /** Names of the methods that were called, in order. */
  readonly asked: string[];
}

/** Of a node that has everything, and that nothing landed on. */
export function scriptedHistory(): ScriptedHistory {
  const asked: string[] = [];
  const answer = async <T>(method: string, value: () => T): Promise<T> => {
    asked.push(method);
    if (history.isAway) throw new ChainUnavailable('the test took it away');
    return value();
  };
  const history: ScriptedHistory = {
    landed: [],
    oldestHeight: 0n,
    slot: 1_000_000n,
    isAway: false,
    asked,
    signaturesOf: (_address, { before, limit, minContextSlot }) =>
      answer('signaturesOf', () => {
        if (minContextSlot !== null && minContextSlot > history.slot) throw new ChainUnavailable('it is behind');
        const from = before === null ? 0 : history.landed.findIndex(({ signature }) => signature === before) + 1;
        return history.landed.slice(from, from + limit);
      }),
    blockHeightAt: (slot) => answer('blockHeightAt', () => slot),
    oldestBlockHeight: () => answer('oldestBlockHeight', () => history.oldestHeight),
    transaction: (signature) =>
      answer('transaction', () => history.landed.find((each) => each.signature === signature)?.wire ?? null),
    lamportsOf: () => Promise.reject(new Error('not planned')),
    tokensOf: () => Promise.reject(new Error('not planned')),
  };
  return history;
}
