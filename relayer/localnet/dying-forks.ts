// Owns transactions on forks that die: shown by every node for some slots as if they had landed, though they never ran.
import type { Chain } from './chain.ts';
import type { LandedStatus } from './landed-transactions.ts';

export interface DyingForks {
  /** Shown from now on, for so many slots: fewer than until it would be final. */
  readonly add: (signature: string, slots: bigint) => void;
  /** The chain as the nodes on those forks see it. */
  readonly seenFrom: (chain: Chain) => Chain;
}

interface Forked extends LandedStatus {
  readonly diesAt: bigint;
}

export function createDyingForks({ clock }: Pick<Chain, 'clock'>): DyingForks {
  const forked = new Map<string, Forked>();
  const statusOf = (signature: string): LandedStatus | undefined => {
    const found = forked.get(signature);
    if (found !== undefined && clock.slot('processed') < found.diesAt) return found;
    forked.delete(signature);
    return undefined;
  };
  return {
    add: (signature, slots) => {
      const slot = clock.slot('processed');
      const longest = clock.depth('finalized') - 1n;
      forked.set(signature, { signature, slot, error: null, diesAt: slot + (slots < longest ? slots : longest) });
    },
    seenFrom: (chain) => {
      if (forked.size === 0) return chain;
      const { landed } = chain;
      return { ...chain, landed: { ...landed, status: (each) => landed.status(each) ?? statusOf(each) } };
    },
  };
}
