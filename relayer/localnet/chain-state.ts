// Owns what of a local chain outlives its process.
import type { RestoredHistory } from './landed-transactions.ts';
import type { RecentBlockhash } from './recent-blockhashes.ts';

export interface ChainState {
  readonly slot: bigint;
  readonly statusesFrom: bigint;
  readonly knownFrom: bigint;
  readonly blockhashes: readonly RecentBlockhash[];
  readonly snapshot: Uint8Array;
}

export interface RestoredState extends Pick<ChainState, 'slot' | 'blockhashes' | 'snapshot'> {
  readonly history: RestoredHistory;
}
