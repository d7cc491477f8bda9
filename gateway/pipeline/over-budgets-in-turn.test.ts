import { beforeEach, describe, expect, it } from 'vitest';
import type { Limit, Verdict } from '../core/decision/decision.ts';
import type { Outcome } from './outcome.ts';
import { createSigningPipeline } from './pipeline.ts';
import type { PipelineDeps } from './pipeline-deps.ts';
import { openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';

const COUNTED = { measure: { kind: 'count' }, window: { kind: 'rolling', seconds: 3600 } } as const;
const APPROVAL = { quorum: 1, groups: [], timeoutSeconds: 300 };
const ASKING = { ...COUNTED, onExceed: { kind: 'require_approval', approval: APPROVAL } } as const;

/** Full from the first. */
const FULL: Limit = { id: 'full', scope: 'agent_wallet', max: 0n, ...ASKING };
/** There is room for one more signature. */
const FILLING: Limit = { id: 'filling', scope: 'global', max: 1n, ...ASKING };
const ALL: Verdict = { kind: 'allow', reasons: [], limits: [FULL, FILLING] };

let scene: PipelineScene;

beforeEach(async () => {
  scene = await openPipelineScene();
  scene.script.verdict = ALL;
  return () => scene.close();
});

/** `onLook`: before each look at where limits stand that had no room. */
function sign(onLook: (look: number) => Promise<void>, signal = new AbortController().signal): Promise<Outcome> {
  const { state } = scene.deps;
  let looks = 0;
  const standings: typeof state.budgets.standings = async (charges) => {
    looks += 1;
    if (looks > 20) throw new Error('it looks at its limits for ever');
    await onLook(looks);
    return state.budgets.standings(charges);
  };
  const deps: PipelineDeps = { ...scene.deps, state: { ...state, budgets: { ...state.budgets, standings } } };
  return createSigningPipeline(deps).signTransaction(scene.agent, scene.ask(), signal);
}

/** Another request uses up what was left, after the commit that found the first limit full. */
async function fillTheOther(look: number): Promise<void> {
  if (look > 1) return;
  scene.script.verdict = { kind: 'allow', reasons: [], limits: [FILLING] };
  expect(await sign(async () => undefined)).toMatchObject({ kind: 'signed' });
}

describe('a limit that is filled while it is told of another that it has no room', () => {
  it('is asked for beside it', async () => {
    const outcome = await sign(fillTheOther);
    if (outcome.kind !== 'pending_approval') throw new Error(`not asked for approval, but ${outcome.kind}`);
    const { excess, reasons } = outcome.approval;
    expect([...excess].sort()).toEqual(['filling', 'full']);
    expect(reasons.map(({ facts }) => facts.limit).sort()).toEqual(['filling', 'full']);
  });

  it('denies it where nobody may let it be exceeded', async () => {
    scene.script.verdict = { ...ALL, limits: [FULL, { ...FILLING, onExceed: { kind: 'deny' } }] };
    expect(await sign(fillTheOther)).toMatchObject({ kind: 'denied', reasons: [{ facts: { limit: 'filling' } }] });
  });
});

it('whoever has left meanwhile is waited for no longer, and nobody is asked', async () => {
  const caller = new AbortController();
  const leave = async (): Promise<void> => caller.abort();
  await expect(sign(leave, caller.signal)).rejects.toMatchObject({ reason: 'CANCELLED' });
  const left = { states: ['PENDING'], limit: 10, after: null } as const;
  expect(await scene.state.approvals.list(left)).toEqual([]);
});
