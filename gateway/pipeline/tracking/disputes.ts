// Owns what this process remembers of transactions whose end the nodes do not agree on: for how long, and what they show.
import type { DisputeFacts } from '../../core/status/dispute-findings.ts';
import type { NodeShowing, Showing } from './finality.ts';
import { createWaiting } from './patience.ts';

export interface Disputes {
  /** Another look found too few nodes that agree, of which `mustAgree` are needed. */
  open(requestId: string, showings: readonly NodeShowing[], mustAgree: number): Duration;
  /** Enough agree. */
  settled(requestId: string): void;
  /** Nobody looks at it any more, and too few agreed to the end. */
  ended(requestId: string): void;
  facts(): DisputeFacts;
}

export interface Duration {
  /** Milliseconds since too few agree. */
  readonly forMs: number;
  /** Milliseconds since they do not though enough of them answer; what is away comes back some day, and tells. */
  readonly contradictedForMs: number;
}

/** A request is looked at every 30 seconds at least, by one of several gateways. */
const RECENT_MS = 120_000;
const DAY_MS = 86_400_000;
const MOST_REMEMBERED = 10_000;

interface Dispute {
  readonly forMs: number;
  readonly seenAt: number;
  readonly showings: readonly NodeShowing[];
}

/** `now`: unix milliseconds. */
export function createDisputes(now: () => number): Disputes {
  const waiting = createWaiting(now);
  const contradicted = createWaiting(now);
  const open = new Map<string, Dispute>();
  const ended = new Map<string, number>();
  return {
    open: (requestId, showings, mustAgree) => {
      const forMs = waiting(requestId);
      remember(open, requestId, { forMs, seenAt: now(), showings });
      const answered = showings.filter(({ shows }) => shows !== 'no_answer').length;
      return { forMs, contradictedForMs: answered < mustAgree ? 0 : contradicted(requestId) };
    },
    settled: (requestId) => {
      open.delete(requestId);
    },
    ended: (requestId) => {
      open.delete(requestId);
      remember(ended, requestId, now());
    },
    facts: () => {
      const recent = [...open].filter(([, { seenAt }]) => now() - seenAt <= RECENT_MS);
      const longestFirst = recent.toSorted(([, a], [, b]) => b.forMs - a.forMs);
      const [longest] = longestFirst;
      return {
        open: longestFirst.map(([requestId, { forMs }]) => ({ requestId, forMs })),
        shown: longest === undefined ? null : showingsText(longest[1].showings),
        ended: [...ended].flatMap(([requestId, at]) => (now() - at <= DAY_MS ? requestId : [])).toReversed(),
      };
    },
  };
}

const SHOWN = {
  finalized: 'shows it as final without an error',
  finalized_with_error: 'shows it as final with an error',
  not_finalized: 'shows it as not final',
  nothing: 'does not find it',
  no_answer: 'does not answer',
} as const satisfies Record<Showing, string>;

/** In one sentence, with the nodes' hosts. */
export function showingsText(showings: readonly NodeShowing[]): string {
  return showings.map(({ node, shows }) => `${node} ${SHOWN[shows]}`).join(', ');
}

function remember<T>(memory: Map<string, T>, key: string, value: T): void {
  memory.delete(key);
  memory.set(key, value);
  if (memory.size <= MOST_REMEMBERED) return;
  const [oldest] = memory.keys();
  if (oldest !== undefined) memory.delete(oldest);
}
