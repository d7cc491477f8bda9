// Owns the height below which no block can hold a transaction: as deep as a node must know its chain to prove that it never landed.
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { judgedAt } from './judged-at.ts';

/** A blockhash lives for 150 blocks, and `lastValidBlockHeight` may be up to 64 blocks beyond its true end. */
const LANDING_SPAN = 300n;
/** Far below what a block takes: 400 ms. */
const LEAST_BLOCK_MS = 100;
/** For clocks that differ: the one that said when it was judged, and the one that says what time it is. */
const CLOCK_SLACK_MS = 120_000;

/**
 * `lastValidBlockHeight` is the word of one node. Were it too high, the landing could lie below what follows from it. So the height that
 * the node itself has finalized counts too: it was lower by no more blocks than the time since the judgement has room for, and nobody signed
 * before. `finalizedHeight`: of the node that is to prove it. `now`: unix milliseconds.
 */
export function earliestLanding(request: RequestRecord, finalizedHeight: bigint, now: number): bigint {
  const told = (request.judgement.lastValidBlockHeight ?? 0n) - LANDING_SPAN;
  const elapsedMs = Math.max(0, now - (judgedAt(request) ?? request.createdAt)) + CLOCK_SLACK_MS;
  const counted = finalizedHeight - BigInt(Math.ceil(elapsedMs / LEAST_BLOCK_MS));
  // Genesis is older than everything.
  if (told < 0n || counted < 0n) return 0n;
  if (told < counted) return told;
  return counted;
}
