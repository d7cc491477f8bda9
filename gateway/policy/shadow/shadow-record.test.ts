import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PolicyStore } from '../../state/contract/policy-store.ts';
import { openShadowRecord, type ShadowRecord } from './shadow-record.ts';
import type { ShadowFindings } from './shadow-tally.ts';

const judged = (decisions: bigint): ShadowFindings => ({
  tallies: [
    { kind: 'judged', decisions, exposure: {} },
    { kind: 'newly_denied', decisions: 1n, exposure: { SOL: 5n } },
  ],
  samples: [],
});

let isAway: boolean;
let recorded: string[];
let counted: string[];

const store: Pick<PolicyStore, 'addShadow'> = {
  async addShadow({ activeRevision, shadowRevision }, tallies) {
    if (isAway) throw new Error('the record is away');
    recorded.push(`${shadowRevision} ${activeRevision} ${tallies.map((tally) => `${tally.kind} ${tally.decisions}`)}`);
  },
};

function open(): ShadowRecord {
  const observer = { shadowed: (kind: string, decisions: number) => void counted.push(`${kind} ${decisions}`) };
  return openShadowRecord({ store, replica: 'one', log: () => {}, observer });
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'setTimeout'] });
  isAway = false;
  recorded = [];
  counted = [];
});

afterEach(() => vi.useRealTimers());

describe('what a shadow found', () => {
  it('is recorded within a second, by the revisions that it is about', async () => {
    const record = open();
    record.add('shadow', 'r1', judged(2n));
    record.add('shadow', 'r1', judged(3n));
    record.add('shadow', 'r2', judged(4n));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(recorded).toEqual(['shadow r1 judged 5,newly_denied 2', 'shadow r2 judged 4,newly_denied 1']);
    await record.close();
    expect(recorded).toHaveLength(2);
  });

  it('waits while the record is away, also when another shadow has taken its place', async () => {
    const record = open();
    isAway = true;
    record.add('first', 'r1', judged(2n));
    await vi.advanceTimersByTimeAsync(5_000);
    record.add('first', 'r1', judged(1n));
    record.add('second', 'r1', judged(4n));
    await vi.advanceTimersByTimeAsync(5_000);
    isAway = false;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(recorded).toEqual(['first r1 judged 3,newly_denied 2', 'second r1 judged 4,newly_denied 1']);
    expect(counted.filter((kind) => kind.startsWith('lost'))).toEqual([]);
    await record.close();
  });

  it('is still recorded when the gateway stops and the record comes back in time', async () => {
    const record = open();
    isAway = true;
    record.add('shadow', 'r1', judged(2n));
    const closed = record.close();
    await vi.advanceTimersByTimeAsync(1_000);
    isAway = false;
    await vi.advanceTimersByTimeAsync(200);
    await closed;
    expect(recorded).toEqual(['shadow r1 judged 2,newly_denied 1']);
    expect(counted).toEqual(['judged 2', 'newly_denied 1']);
  });

  it('is counted as lost where the record does not come back', async () => {
    const record = open();
    isAway = true;
    record.add('shadow', 'r1', judged(2n));
    record.add('shadow', 'r1', { tallies: [{ kind: 'skipped', decisions: 9n, exposure: {} }], samples: [] });
    const closed = record.close();
    await vi.advanceTimersByTimeAsync(4_000);
    await closed;
    expect(recorded).toEqual([]);
    expect(counted.at(-1)).toBe('lost 11');
  });

  it('is bounded while the record is away: of the oldest revisions it is given up, and counted', async () => {
    const record = open();
    isAway = true;
    for (let i = 0; i < 21; i++) record.add('shadow', `r${i}`, judged(BigInt(i + 1)));
    expect(counted.filter((kind) => kind.startsWith('lost'))).toEqual(['lost 1']);
    isAway = false;
    await record.close();
    expect(recorded).toHaveLength(20);
  });
});
