// Owns the bound on how far away the end of a blockhash may be: a node that tells it further away is not believed.
import { ChainUnavailable, type LatestBlockhash } from '../chain-reader.ts';

/** MAX_PROCESSING_AGE of the runtime: a blockhash is taken for so many blocks after its own. */
const LIFE_BLOCKS = 150n;
/** About 12 seconds. Behind one address are many nodes: the one that tells the height may be so far behind the one that told the blockhash. */
const SLACK_BLOCKS = 30n;

export type EndCheck = (latest: LatestBlockhash, signal: AbortSignal) => Promise<LatestBlockhash>;

/**
 * `blockHeight`: a height at commitment `confirmed` to go by, asked for about once in 30 blocks; `null`: nobody can tell. Throws
 * ChainUnavailable for an end beyond that height by more than a blockhash can live.
 */
export function createEndCheck(blockHeight: (signal: AbortSignal) => Promise<bigint | null>): EndCheck {
  let reached: bigint | null = null;
  return async (latest, signal) => {
    const { lastValidBlockHeight } = latest;
    const beyond = (height: bigint): bigint => lastValidBlockHeight - LIFE_BLOCKS - height;
    // Of an end that lies too low for the height, the height may be what is wrong.
    if (reached !== null && beyond(reached) <= SLACK_BLOCKS && beyond(reached) >= -SLACK_BLOCKS) return latest;
    reached = await blockHeight(signal);
    if (reached === null || beyond(reached) <= SLACK_BLOCKS) return latest;
    throw new ChainUnavailable(
      `the end of the blockhash is told as block height ${lastValidBlockHeight}, while the chain is at ${reached}: a blockhash lives for ${LIFE_BLOCKS} blocks`,
    );
  };
}
