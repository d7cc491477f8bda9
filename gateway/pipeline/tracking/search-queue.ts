// Owns which histories are searched when: a few wallets at once, all that is asked of one together, and nobody waits for the answer.
import type { Address } from '../../core/address.ts';
import type { Finding, Sought } from './history-search.ts';

export interface SearchQueue {
  /**
   * What was found since this was asked before, told once; throws what the search threw. `null`: it is searched for, or waits for a place,
   * and is to be asked again.
   */
  ask(signer: Address, requestId: string, sought: Sought): Finding | null;
  /** When nothing is under way any more. */
  ended(): Promise<void>;
}

/** Findings in the order of what is sought. */
export type Search = (signer: Address, sought: readonly Sought[]) => Promise<readonly Finding[]>;

/** A bound for the load on the nodes; one wallet whose history is slow to read holds up no other. */
const AT_ONCE = 4;
/** Wallets that wait, and requests of each. Bounds for memory, and for what one wallet can take. */
const MOST_WALLETS = 256;
const MOST_SOUGHT = 256;
/** What nobody asked for again is searched for anew. */
const MOST_REMEMBERED = 10_000;

type Outcome =
  | { readonly kind: 'found'; readonly finding: Finding }
  | { readonly kind: 'failed'; readonly error: unknown };
/** By request id. */
type Asked = Map<string, Sought>;

/** `signal`: begins no other search. */
export function createSearchQueue(search: Search, signal: AbortSignal): SearchQueue {
  const waiting = new Map<Address, Asked>();
  const underWay = new Map<Address, { readonly asked: Asked; readonly end: Promise<void> }>();
  const outcomes = new Map<string, Outcome>();

  function next(): void {
    for (const [signer, asked] of waiting) {
      if (signal.aborted || underWay.size >= AT_ONCE) return;
      if (underWay.has(signer)) continue;
      waiting.delete(signer);
      underWay.set(signer, { asked, end: run(signer, asked) });
    }
  }

  async function run(signer: Address, asked: Asked): Promise<void> {
    const outcomeOf = await outcomesOf(search(signer, [...asked.values()]));
    for (const [i, requestId] of [...asked.keys()].entries()) remember(requestId, outcomeOf(i));
    underWay.delete(signer);
    next();
  }

  function remember(requestId: string, outcome: Outcome): void {
    outcomes.set(requestId, outcome);
    const [oldest] = outcomes.keys();
    if (outcomes.size > MOST_REMEMBERED && oldest !== undefined) outcomes.delete(oldest);
  }

  function enqueue(signer: Address, requestId: string, sought: Sought): void {
    if (underWay.get(signer)?.asked.has(requestId)) return;
    const asked = waiting.get(signer) ?? new Map<string, Sought>();
    if (waiting.size >= MOST_WALLETS && asked.size === 0) return;
    if (asked.size >= MOST_SOUGHT) return;
    waiting.set(signer, asked.set(requestId, sought));
    next();
  }

  return {
    ask: (signer, requestId, sought) => {
      const outcome = outcomes.get(requestId);
      if (outcome === undefined) {
        enqueue(signer, requestId, sought);
        return null;
      }
      outcomes.delete(requestId);
      if (outcome.kind === 'failed') throw outcome.error;
      return outcome.finding;
    },
    ended: async () => {
      while (underWay.size > 0) await Promise.all([...underWay.values()].map(({ end }) => end));
    },
  };
}

async function outcomesOf(search: Promise<readonly Finding[]>): Promise<(index: number) => Outcome> {
  try {
    const findings = await search;
    return (index) => ({ kind: 'found', finding: findings[index] ?? { kind: 'unproven' } });
  } catch (error) {
    return () => ({ kind: 'failed', error });
  }
}
