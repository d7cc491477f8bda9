import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LimitScope, Verdict } from '../../../proto/gen/countersign/v1/decision_pb.ts';
import { DecisionDifference, PolicyService } from '../../../proto/gen/countersign/v1/policy_pb.ts';
import { RequestState } from '../../../proto/gen/countersign/v1/transaction_pb.ts';
import type { Limit } from '../../core/decision/decision.ts';
import { sha256 } from '../../core/sha256.ts';
import type { JudgedFilter } from '../../state/contract/request-store.ts';
import { controlPlane, type Plane } from '../testing/planes.ts';
import { REQUEST_ID, sampleRequest } from '../testing/samples.ts';

const { method } = PolicyService;

const DAILY: Limit = {
  id: 'spending_limit/SOL/rolling:86400/agent_wallet',
  scope: 'agent_wallet',
  measure: { kind: 'outflow', asset: 'SOL' },
  window: { kind: 'rolling', seconds: 86_400 },
  max: 9_007_199_254_740_993n,
  onExceed: { kind: 'deny' },
};

let plane: Plane;
let asked: unknown[];

beforeAll(async () => {
  plane = await controlPlane({
    policy: {
      shadowReport: async (samples) => {
        asked.push(samples);
        return {
          activeRevision: 'r1',
          shadowRevision: 'r2',
          since: 1_000,
          tallies: [
            { kind: 'judged', decisions: 12n, exposure: {} },
            { kind: 'newly_denied', decisions: 3n, exposure: { SOL: 2n ** 64n } },
          ],
          samples: [
            {
              requestId: REQUEST_ID,
              agentId: 'trader',
              walletId: 'treasury',
              difference: 'newly_denied',
              active: { kind: 'allow', reasons: [] },
              shadow: {
                kind: 'deny',
                reasons: [{ code: 'NO', rule: 'x', message: 'found', remedy: 'at most 5', facts: { amount: '6' } }],
              },
              time: 7_000,
            },
          ],
        };
      },
      explain: async (input, by) => {
        asked.push([sha256(input), by]);
        return {
          revision: by ?? 'r2',
          verdict: { kind: 'allow', reasons: [], limits: [DAILY] },
          explanation: '{"v":1}',
        };
      },
    },
    requests: {
      find: async (requestId) => (requestId === REQUEST_ID ? sampleRequest() : null),
      readJudged: async (filter: JudgedFilter, after, limit) => {
        asked.push([filter, after, limit]);
        const ids = Array.from({ length: 70 }, (_, i) => `${String(i).padStart(8, '0')}-0000-7000-8000-000000000000`);
        const rest = ids.filter((id) => after === null || id > after).slice(0, limit);
        return rest.map((requestId) => ({ ...sampleRequest(), requestId }));
      },
    },
  });
});

afterAll(() => plane.close());

beforeEach(() => {
  asked = [];
});

describe('PolicyService, of what policies decide,', () => {
  it('tells where a shadow differs, with exact exposure', async () => {
    expect(await plane.caller.unary(method.getShadowReport, {})).toMatchObject({
      judged: 12n,
      skipped: 0n,
      differences: [
        { difference: DecisionDifference.NEWLY_DENIED, decisions: 3n, exposure: { SOL: '18446744073709551616' } },
      ],
      samples: [
        {
          activeVerdict: Verdict.ALLOW,
          shadowVerdict: Verdict.DENY,
          shadowReasons: [{ code: 'NO', remedy: 'at most 5', facts: { amount: '6' } }],
        },
      ],
    });
    expect(asked).toEqual([20]);
  });

  it('explains a recorded request by the revision that decided about it', async () => {
    const request = sampleRequest();
    const said = await plane.caller.unary(method.explain, { requestId: REQUEST_ID });
    expect(asked).toEqual([[sha256(request.judgement.policyInput), request.judgement.decision.bundleRevision]]);
    expect(said).toMatchObject({
      explanation: '{"v":1}',
      decision: {
        verdict: Verdict.ALLOW,
        limits: [
          {
            scope: LimitScope.AGENT_WALLET,
            measure: { case: 'outflow', value: { asset: 'SOL' } },
            window: { case: 'rollingSeconds', value: 86_400 },
            max: '9007199254740993',
          },
        ],
      },
    });
  });

  it('explains an input by the active revision, or the one that is named', async () => {
    const policyInput = Buffer.from('{"v":1}');
    await plane.caller.unary(method.explain, { policyInput });
    await plane.caller.unary(method.explain, { policyInput, revision: 'r9' });
    expect(asked).toEqual([
      [sha256(policyInput), null],
      [sha256(policyInput), 'r9'],
    ]);
  });

  it.each([
    ['neither', {}],
    ['both', { requestId: REQUEST_ID, policyInput: Buffer.from('{}') }],
    ['a request that is no id', { requestId: 'x' }],
    ['a revision with a line feed', { policyInput: Buffer.from('{}'), revision: 'a\nb' }],
  ])('explains nothing for %s', async (_, request) => {
    await expect(plane.caller.unary(method.explain, request)).rejects.toMatchObject({ reason: 'INVALID_FIELD' });
  });

  it('says of a request that is not recorded that there is none', async () => {
    const requestId = REQUEST_ID.replace(/^./, (digit) => (digit === 'f' ? 'e' : 'f'));
    await expect(plane.caller.unary(method.explain, { requestId })).rejects.toMatchObject({
      reason: 'REQUEST_NOT_FOUND',
    });
  });

  it('streams recorded decisions page by page, none twice', async () => {
    const ids: string[] = [];
    const states = new Set<RequestState>();
    const period = { startTime: timestampFromMs(10), endTime: timestampFromMs(20), agent: 'trader' };
    for await (const { decisions } of plane.caller.stream(method.streamDecisions, period)) {
      ids.push(...decisions.map(({ requestId }) => requestId));
      for (const { state, stateTime } of decisions) if (stateTime !== undefined) states.add(state);
    }
    expect(ids).toHaveLength(70);
    expect([...states]).toEqual([RequestState.SIGNED]);
    expect(new Set(ids).size).toBe(70);
    const filter = { from: 10, to: 20, agentId: 'trader', walletId: null };
    expect(asked).toEqual([
      [filter, null, 64],
      [filter, ids[63], 64],
    ]);
  });
});
