// Owns what people and agents are told of budgets: where limits stand, and what a request would use of them. Reserves nothing.
import { left, type StandingOf } from '../../core/budget/standing.ts';
import type { Decision } from '../../core/decision/decision.ts';
import type { BudgetFilter, BudgetRecord, BudgetStore } from '../../state/contract/budget-store.ts';
import type { JudgedRequest } from '../evaluate.ts';
import { overBudget } from '../over-budget.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';

export interface BudgetPage {
  readonly budgets: readonly BudgetRecord[];
  /** There are more than these. */
  readonly hasMore: boolean;
}

const MOST = 1000;

export async function listBudgets(budgets: Pick<BudgetStore, 'list'>, filter: BudgetFilter): Promise<BudgetPage> {
  const found = await budgets.list(filter, MOST + 1);
  return { budgets: found.slice(0, MOST), hasMore: found.length > MOST };
}

/** What would be decided now, were it to be signed, and where its limits stand. */
export async function previewBudgets(
  { state }: Pick<PipelineDeps, 'state'>,
  judged: JudgedRequest,
): Promise<{ readonly decision: Decision; readonly budgets: readonly StandingOf[] }> {
  const budgets = await state.budgets.standings(judged.charges);
  const exceeded = budgets.filter((standing) => standing.amount > left(standing));
  const { judgement } = exceeded.length === 0 ? judged : overBudget(judged, exceeded, []);
  return { decision: judgement.decision, budgets };
}
