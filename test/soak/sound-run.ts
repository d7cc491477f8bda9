// Owns a small run in which every promise was kept, for the tests of what judges a run.
import type { Ask } from './ask.ts';
import type { Evidence, Landing, RecordedRequest, RecordedSignature } from './evidence.ts';
import type { SoakLimit } from './limits.ts';

export const LIMIT: SoakLimit = {
  budget: 'wallet:treasury|outflow:SOL',
  agents: ['sender'],
  counts: 'outflow',
  window: { kind: 'rolling', seconds: 2 },
  max: 10_000_005n,
  excess: 'denied',
  mustReach: 60,
};
const PAID = [4_000_001n, 6_000_002n, 8_000_003n, 4_000_004n];
const FEE = 5_000n;

/** Two payments land within one window, a third lands later and fails, a fourth is denied. */
export const SOUND: Evidence = {
  limits: [LIMIT],
  asks: PAID.map(ask),
  answers: [
    ...[0, 1, 2].map((index) => ({
      ask: index,
      kind: 'signed' as const,
      requestId: `r${index}`,
      signature: `s${index}`,
    })),
    { ask: 3, kind: 'denied', requestId: 'r3', signature: null },
  ],
  faults: [],
  walletBefore: 100_000_000n,
  walletAfter: 100_000_000n - 10_000_003n - 3n * FEE,
  landings: [landing(0), landing(1, { time: 1_999 }), landing(2, { time: 6_000, hasFailed: true, lamports: 0n })],
  requests: [
    request(0),
    request(1),
    request(2, { state: 'FAILED' }),
    request(3, { state: 'DENIED', signature: null, reason: 'BUDGET_EXCEEDED' }),
  ],
  signatures: [signature(0), signature(1), signature(2)],
  approvals: [],
  trail: { intents: [], demands: [], votes: [], freezes: [] },
  freezes: [],
  budgets: [{ name: LIMIT.budget, reserved: 0n, open: 0n, settled: 10_000_003n }],
  chain: { kind: 'intact', count: 9n, head: new Uint8Array() },
  intents: { kind: 'intact', signatures: 3n },
  deadlocks: 0,
};

export function ask(lamports: bigint, index: number): Ask {
  const key = `ask-${index}`;
  return {
    index,
    agent: 'sender',
    lamports,
    key,
    method: 'send',
    afterwards: 'keeps it',
    isDoomed: index === 2,
    decision: null,
  };
}

export function landing(index: number, change: Partial<Landing> = {}): Landing {
  const lamports = PAID[index] ?? 0n;
  return { signature: `s${index}`, time: 0, day: 1, hasFailed: false, lamports, fee: FEE, ...change };
}

export function request(index: number, change: Partial<RecordedRequest> = {}): RecordedRequest {
  const common = { requestId: `r${index}`, agent: 'sender', ask: index, key: `ask-${index}` } as const;
  return { ...common, state: 'FINALIZED', signature: `s${index}`, reason: null, ...change };
}

export function signature(index: number): RecordedSignature {
  return { sequence: BigInt(index), requestId: `r${index}`, signature: `s${index}`, time: 0 };
}

export function replaced<T>(list: readonly T[], index: number, change: Partial<T>): readonly T[] {
  return list.map((item, i) => (i === index ? { ...item, ...change } : item));
}
