import { beforeEach, describe, expect, it } from 'vitest';
import type { ApprovalRequirement, Limit, Verdict } from '../core/decision/decision.ts';
import { replacedVerdict, verdictSha256 } from '../core/decision/gateway-verdict.ts';
import type { Operator } from '../core/principal/principal.ts';
import type { ApprovalRecord } from '../state/contract/approval-store.ts';
import type { RequestRecord } from '../state/contract/request-store.ts';
import { sampleEntry, unsigned } from '../state/testing/sample-request.ts';
import { settleApproval } from './approval/approved.ts';
import type { Outcome } from './outcome.ts';
import { createSigningPipeline } from './pipeline.ts';
import { openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';

const ONE_OF_ANY: ApprovalRequirement = { quorum: 1, groups: [], timeoutSeconds: 300 };

let scene: PipelineScene;

beforeEach(async () => {
  scene = await openPipelineScene();
  return () => scene.close();
});

/** At most so many signatures an hour. */
function limited(max: bigint, change: Partial<Limit> = {}): Verdict {
  const limit: Limit = {
    id: 'rate_limit/3600',
    scope: 'agent_wallet',
    measure: { kind: 'count' },
    window: { kind: 'rolling', seconds: 3600 },
    max,
    onExceed: { kind: 'deny' },
    ...change,
  };
  return { kind: 'allow', reasons: [], limits: [limit] };
}

function sign(): Promise<Outcome> {
  const pipeline = createSigningPipeline(scene.deps);
  return pipeline.signTransaction(scene.agent, scene.ask(), new AbortController().signal);
}

async function pendingApproval(): Promise<ApprovalRecord> {
  const outcome = await sign();
  if (outcome.kind !== 'pending_approval') throw new Error(`not asked for approval, but ${outcome.kind}`);
  return outcome.approval;
}

async function vote({ approvalId, intentDigest }: ApprovalRecord, approver: Operator): Promise<void> {
  const cast = { approvalId, approver, approve: true, intentDigest, comment: 'fine', ...unsigned(scene.state) };
  expect(await scene.state.approvals.vote(cast, sampleEntry('approval.vote'))).toMatchObject({ kind: 'recorded' });
}

async function settled({ requestId }: ApprovalRecord): Promise<RequestRecord> {
  await settleApproval(scene.deps, await scene.find(requestId), new AbortController().signal);
  return scene.find(requestId);
}

describe('what a budget has no room for', () => {
  it('is denied, with what would pass now and when the whole would', async () => {
    scene.script.verdict = limited(1n);
    expect(await sign()).toMatchObject({ kind: 'signed' });
    const denied = await sign();
    if (denied.kind !== 'denied') throw new Error(`not denied, but ${denied.kind}`);
    expect(denied.reasons).toMatchObject([
      {
        code: 'BUDGET_EXCEEDED',
        rule: 'gateway',
        facts: { limit: 'rate_limit/3600', amount: '1', max: '1', used: '1', reserved: '0', left: '0' },
      },
    ]);
    const [reason] = denied.reasons;
    const fits = Date.parse(reason?.facts.fits_at ?? '');
    expect(fits - Date.now()).toBeGreaterThan(3_590_000);
    expect(fits - Date.now()).toBeLessThan(3_610_000);
    expect(scene.asked).toHaveLength(1);
    expect(await scene.find(denied.request.requestId)).toMatchObject({ state: 'DENIED' });
    expect((await scene.auditOf(denied.request.requestId)).map(({ kind }) => kind)).toEqual(['request.denied']);
  });

  it('leaves in the record what the policy itself had said, so that it can be replayed', async () => {
    const policy = limited(0n);
    scene.script.verdict = policy;
    const denied = await sign();
    const recordedVerdict = (await scene.find(denied.request.requestId)).judgement.decision.verdict;
    expect(recordedVerdict.kind).toBe('deny');
    expect(replacedVerdict(recordedVerdict)).toBe(verdictSha256(policy));
  });

  it('is denied to all but as many as it has room for, however many ask at once', async () => {
    scene.script.verdict = limited(5n);
    const outcomes = await Promise.all(Array.from({ length: 20 }, sign));
    expect(outcomes.filter(({ kind }) => kind === 'signed')).toHaveLength(5);
    expect(outcomes.filter(({ kind }) => kind === 'denied')).toHaveLength(15);
    expect(scene.asked).toHaveLength(5);
  });

  it('stands in the audit record of the intent, where it was reserved', async () => {
    scene.script.verdict = limited(1n);
    const signed = await sign();
    const [signing] = await scene.auditOf(signed.request.requestId);
    expect(signing?.facts.reserved).toEqual([
      { amount: 1, budget: 'agent_wallet:trader:treasury|count', limit: 'rate_limit/3600' },
    ]);
  });

  it('is given back when no signature left the gateway', async () => {
    scene.script.verdict = limited(1n);
    scene.script.beforeSigning = () => Promise.reject(new Error('out of order'));
    await expect(sign()).rejects.toMatchObject({ reason: 'SIGNER_UNAVAILABLE' });
    scene.script.beforeSigning = async () => undefined;
    expect(await sign()).toMatchObject({ kind: 'signed' });
  });
});

describe('before anything is signed', () => {
  const dryRun = () => {
    const pipeline = createSigningPipeline(scene.deps);
    return pipeline.evaluateTransaction(scene.agent, scene.ask(), new AbortController().signal);
  };

  it('a dry run says what would be left, and reserves nothing', async () => {
    scene.script.verdict = limited(2n);
    await sign();
    for (let i = 0; i < 2; i++) {
      const { decision, budgets } = await dryRun();
      expect(decision.verdict.kind).toBe('allow');
      expect(budgets).toMatchObject([{ amount: 1n, used: 1n, reserved: 0n, limit: { id: 'rate_limit/3600' } }]);
    }
    expect(await sign()).toMatchObject({ kind: 'signed' });
  });

  it('a dry run says that it would be denied, or whom it would ask', async () => {
    scene.script.verdict = limited(1n);
    await sign();
    expect((await dryRun()).decision.verdict).toMatchObject({ kind: 'deny', reasons: [{ code: 'BUDGET_EXCEEDED' }] });
    scene.script.verdict = limited(1n, { onExceed: { kind: 'require_approval', approval: ONE_OF_ANY } });
    expect((await dryRun()).decision.verdict).toMatchObject({
      kind: 'require_approval',
      reasons: [{ code: 'BUDGET_EXCEEDED' }],
      approval: ONE_OF_ANY,
    });
  });

  it('an agent sees its own limits and those that it shares, but neither those of others nor of groups', async () => {
    const pipeline = createSigningPipeline(scene.deps);
    const scopes = ['agent_wallet', 'wallet', 'agent', 'global'] as const;
    const limits = scopes.flatMap((scope) => {
      const verdict = limited(5n, { id: scope, scope });
      return verdict.kind === 'allow' ? (verdict.limits ?? []) : [];
    });
    const [first] = limits;
    if (first === undefined) throw new Error('no limit');
    scene.script.verdict = {
      kind: 'allow',
      reasons: [],
      limits: [...limits, { ...first, id: 'group', scope: 'agent_group', group: 'makers' }],
    };
    await sign();
    const { budgets, hasMore } = await pipeline.getBudgets(scene.agent, null);
    expect(budgets.map(({ limit, used }) => [limit.id, used])).toEqual([
      ['agent', 1n],
      ['agent_wallet', 1n],
      ['global', 1n],
      ['wallet', 1n],
    ]);
    expect(hasMore).toBe(false);
    const ofOne = await pipeline.getBudgets(scene.agent, 'treasury');
    expect(ofOne.budgets.map(({ limit }) => limit)).toEqual(budgets.map(({ limit }) => limit));
    await expect(pipeline.getBudgets(scene.agent, 'of-others')).rejects.toMatchObject({
      reason: 'WALLET_NOT_PERMITTED',
    });
    const stranger = await pipeline.getBudgets({ ...scene.agent, id: 'stranger', wallets: [] }, null);
    expect(stranger.budgets.map(({ limit }) => limit.id)).toEqual(['global']);
    const everything = await scene.state.budgets.list(
      { agentId: null, walletIds: null, withOthers: true, groups: null, activeRevision: 'r1' },
      10,
    );
    expect(everything.map(({ limit }) => limit.id)).toEqual(['agent', 'group', 'agent_wallet', 'global', 'wallet']);
  });
});

describe('where people may let it exceed', () => {
  const ASKING = { onExceed: { kind: 'require_approval', approval: ONE_OF_ANY } } as const;

  it('they are asked, told by how much, and what they approve is signed and counted', async () => {
    scene.script.verdict = limited(1n, ASKING);
    await sign();
    const approval = await pendingApproval();
    expect(approval).toMatchObject({ excess: ['rate_limit/3600'], reasons: [{ code: 'BUDGET_EXCEEDED' }] });
    await vote(approval, scene.ann);
    const { state, judgement } = await settled(approval);
    expect(state).toBe('SIGNED');
    expect(replacedVerdict(judgement.decision.verdict)).toBe(verdictSha256(limited(1n, ASKING)));
    const [standing] = await scene.state.budgets.list(
      { agentId: 'trader', walletIds: null, withOthers: true, groups: null, activeRevision: 'r1' },
      10,
    );
    expect(standing).toMatchObject({ used: 2n, reserved: 0n });
    expect((await sign()).kind).toBe('pending_approval');
  });

  it('their vote does not count where they were shut out before it was signed', async () => {
    scene.script.verdict = limited(0n, ASKING);
    const approval = await pendingApproval();
    await vote(approval, scene.ann);
    await scene.state.principals.disable('ann', sampleEntry('principal.disabled'));
    expect(await settled(approval)).toMatchObject({ state: 'AWAITING_APPROVAL' });
    expect(scene.asked).toEqual([]);
  });

  it('they are asked once more for another limit that has no room by then', async () => {
    const other: Limit = {
      id: 'daily',
      scope: 'wallet',
      measure: { kind: 'count' },
      window: { kind: 'calendar', unit: 'day', timeZone: 'UTC' },
      max: 1n,
      ...ASKING,
    };
    const both = limited(0n, ASKING);
    if (both.kind !== 'allow') throw new Error('no limits');
    scene.script.verdict = { ...both, limits: [...(both.limits ?? []), other] };
    const [first, second] = [await pendingApproval(), await pendingApproval()];
    expect([first.excess, second.excess]).toEqual([['rate_limit/3600'], ['rate_limit/3600']]);
    await vote(first, scene.ann);
    expect(await settled(first)).toMatchObject({ state: 'SIGNED' });
    await vote(second, scene.ann);
    const asked = await settled(second);
    expect(asked).toMatchObject({ state: 'AWAITING_APPROVAL' });
    expect(asked.approvalId).not.toBe(second.approvalId);
    const again = await scene.state.approvals.find(asked.approvalId ?? '');
    expect(again).toMatchObject({ excess: ['rate_limit/3600', 'daily'] });
    if (again === null) throw new Error('no second approval');
    await vote(again, scene.ann);
    expect(await settled(again)).toMatchObject({ state: 'SIGNED' });
  });

  it('and another limit that may not be exceeded has no room: it is denied, and nobody is asked', async () => {
    const both = limited(0n, ASKING);
    const hard = limited(0n, { id: 'hard' });
    if (both.kind !== 'allow' || hard.kind !== 'allow') throw new Error('no limits');
    scene.script.verdict = { ...both, limits: [...(both.limits ?? []), ...(hard.limits ?? [])] };
    expect(await sign()).toMatchObject({ kind: 'denied' });
  });
});

it('people are not asked for what no budget has room for', async () => {
  const hard = limited(0n);
  if (hard.kind !== 'allow') throw new Error('no limits');
  scene.script.verdict = { ...hard, kind: 'require_approval', approval: ONE_OF_ANY };
  expect(await sign()).toMatchObject({ kind: 'denied', reasons: [{ code: 'BUDGET_EXCEEDED' }] });
});

it.each(['Europe/Atlantis', 'GMT+5'])(
  'a limit by the calendar of %s, which nobody knows, denies this request alone',
  async (timeZone) => {
    scene.script.verdict = limited(9n, { window: { kind: 'calendar', unit: 'day', timeZone } });
    expect(await sign()).toMatchObject({
      kind: 'denied',
      reasons: [{ code: 'LIMIT_UNCOUNTABLE', facts: { limit: 'rate_limit/3600', time_zone: timeZone } }],
    });
    expect(scene.asked).toEqual([]);
  },
);
