// Owns counting, from outside, how many questions to a chain had to wait for one another.
import type { ChainReader } from '../../../relayer/chain-reader.ts';

export interface CountedChain {
  readonly chain: ChainReader;
  /** Of the questions since the last reset. Questions under way at the same time are one. */
  sequential(): number;
  /** Names of the methods that were called, in order. */
  asked(): readonly string[];
  reset(): void;
}

/** `slowly`: milliseconds that each answer is held back. */
export function countRoundTrips(chain: ChainReader, slowly = 0): CountedChain {
  let answered = 0;
  let deepest = 0;
  let asked: string[] = [];
  const counted = async <T>(method: string, ask: () => Promise<T>): Promise<T> => {
    // A question is one deeper than whatever was answered before it was asked.
    const depth = answered + 1;
    deepest = Math.max(deepest, depth);
    asked.push(method);
    try {
      const answer = await ask();
      // At least a turn of the event loop, as any answer of a node takes.
      await new Promise((resolve) => (slowly > 0 ? setTimeout(resolve, slowly) : setImmediate(resolve)));
      return answer;
    } finally {
      answered = Math.max(answered, depth);
    }
  };
  return {
    chain: {
      ...chain,
      getAccounts: (...given) => counted('getAccounts', () => chain.getAccounts(...given)),
      getLatestBlockhash: (...given) => counted('getLatestBlockhash', () => chain.getLatestBlockhash(...given)),
      simulate: (...given) => counted('simulate', () => chain.simulate(...given)),
    },
    sequential: () => deepest,
    asked: () => asked,
    reset: () => {
      [answered, deepest, asked] = [0, 0, []];
    },
  };
}
