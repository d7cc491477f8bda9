// Owns what counts against a limit: what landed or was signed, of whose requests.
import { askIndexOf } from './ask.ts';
import type { Evidence, Landing } from './evidence.ts';
import type { SoakLimit } from './limits.ts';

/** One use of a limit. */
export interface Use {
  /** Milliseconds. */
  readonly time: number;
  readonly day: number;
  readonly amount: bigint;
}

export function usesOf(limit: SoakLimit, evidence: Evidence): readonly Use[] {
  const { counts, agents } = limit;
  const { landings, requests, signatures } = evidence;
  switch (counts) {
    case 'signature': {
      const requestOf = new Map(requests.map((request) => [request.requestId, request]));
      return signatures.flatMap(({ requestId, time }) => {
        const agent = requestOf.get(requestId)?.agent;
        return agent !== undefined && agents.includes(agent) ? [{ time, day: 0, amount: 1n }] : [];
      });
    }
    case 'fee':
      return landings.map(({ time, day, fee }) => ({ time, day, amount: fee }));
    case 'outflow':
      return landingsOf(limit, evidence).map(({ time, day, lamports }) => ({ time, day, amount: lamports }));
  }
}

/** What landed, and did not fail, of the agents whose requests count. */
export function landingsOf({ agents }: SoakLimit, { asks, landings }: Evidence): readonly Landing[] {
  return landings.filter(({ hasFailed, lamports }) => {
    const agent = asks[askIndexOf(lamports)]?.agent;
    return !hasFailed && agent !== undefined && agents.includes(agent);
  });
}
