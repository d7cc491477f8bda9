// Owns what becomes of a request that no budget has room for: it is denied, or people are asked whether to let it exceed.
import type { Charge } from '../core/budget/charge.ts';
import { isLetExceed, stillLetExceed } from '../core/budget/let-exceed.ts';
import { limitText } from '../core/budget/limit-text.ts';
import { askingToExceed, overLimits } from '../core/budget/over-limits.ts';
import { left, type StandingOf } from '../core/budget/standing.ts';
import { unitsUsed } from '../core/budget/use-units.ts';
import type { Limit, Reason, Verdict } from '../core/decision/decision.ts';
import { instead } from '../core/decision/gateway-verdict.ts';
import type { AssetUnits } from '../core/explanation/amounts.ts';
import type { JudgedRequest } from './evaluate.ts';
import type { PipelineDeps } from './pipeline-deps.ts';
import { effectsOf } from './subject.ts';

type BudgetDeps = Pick<PipelineDeps, 'state' | 'observer'>;
type UnitDeps = Pick<PipelineDeps, 'policy'>;

/** Where these limits, which had no room, stand against what the request would use of them. */
export async function standingsOf(
  { state, observer }: BudgetDeps,
  charges: readonly Charge[],
  limitIds: readonly string[],
): Promise<readonly StandingOf[]> {
  const exceeded = await state.budgets.standings(charges.filter(({ limit }) => limitIds.includes(limit.id)));
  observe(observer, exceeded);
  return exceeded;
}

/** Those limits that have no room now, but for those that people are asked to let it exceed. */
export async function standingsOver(
  { state, observer }: BudgetDeps,
  { charges, excess }: Pick<JudgedRequest, 'charges' | 'excess'>,
): Promise<readonly StandingOf[]> {
  const enforced = charges.filter(({ limit }) => !isLetExceed(limit, excess));
  const exceeded = (await state.budgets.standings(enforced)).filter((standing) => standing.amount > left(standing));
  observe(observer, exceeded);
  return exceeded;
}

function observe(observer: PipelineDeps['observer'], exceeded: readonly StandingOf[]): void {
  for (const { limit } of exceeded) observer.overBudget(limit.scope, limit.measure.kind, limit.onExceed.kind);
}

/** The same request, judged by what exceeds: a denial, or it asks people to let it exceed this too. */
export function overBudget(deps: UnitDeps, judged: JudgedRequest, exceeded: readonly StandingOf[]): JudgedRequest {
  const { verdict } = judged.judgement.decision;
  if (verdict.kind === 'deny') return judged;
  const over = overLimits(verdict, exceeded, unitsIn(deps, judged));
  if (over.kind === 'deny') return withVerdict(judged, over);
  return { ...withVerdict(judged, over), excess: [...judged.excess, ...exceeded.map(({ limit }) => limit.id)] };
}

/** The same request, judged as one that asks people once more to let it exceed the limits that they were shown, so far as these hold still. */
export function askedToExceed(deps: UnitDeps, judged: JudgedRequest, seen: readonly Limit[]): JudgedRequest {
  const { verdict } = judged.judgement.decision;
  if (verdict.kind === 'deny') return judged;
  const excess = stillLetExceed(verdict.limits ?? [], seen);
  if (excess.length === 0) return judged;
  const units = unitsIn(deps, judged);
  const asking = askingToExceed(
    verdict,
    excess,
    excess.map((limit) => approvedExcess(limit, units)),
  );
  if (asking.kind === 'deny') return withVerdict(judged, asking);
  return { ...withVerdict(judged, asking), excess: excess.map(({ id }) => id) };
}

/** Amounts are written as the transaction itself tells the decimals of its tokens. */
function unitsIn({ policy }: UnitDeps, judged: JudgedRequest): AssetUnits {
  const effects = judged.kind === 'transaction' ? effectsOf(judged.established) : [];
  return unitsUsed({ effects }, policy.current().assets);
}

function approvedExcess(limit: Limit, units: AssetUnits): Reason {
  const message = `approvers may let it exceed the limit ${limit.id} (${limitText(limit, units)})`;
  return { code: 'BUDGET_EXCEEDED', rule: 'gateway', message, facts: { limit: limit.id } };
}

function withVerdict<T extends JudgedRequest>(judged: T, verdict: Verdict): T {
  const { judgement } = judged;
  const { decision } = judgement;
  const added = instead(decision.verdict, verdict);
  return { ...judged, judgement: { ...judgement, decision: { ...decision, verdict: added } } };
}
