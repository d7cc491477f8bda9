// Owns what people and agents are told of budgets: where limits stand, and what a request would use of them. Reserves nothing.
import { left, type StandingOf } from '../../core/budget/standing.ts';
import type { Decision } from '../../core/decision/decision.ts';
import type { PolicyGeneration } from '../../policy/policy-engine.ts';
import type { BudgetFilter, BudgetRecord, BudgetStore } from '../../state/contract/budget-store.ts';
import type { JudgedRequest } from '../evaluate.ts';
import { overBudget } from '../over-budget.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';
import { type AssetUnitDeps, createAssetUnits, type ToldUnit } from './asset-units.ts';

export interface BudgetPage {
  readonly budgets: readonly BudgetRecord[];
  /** How amounts of the tokens that they count are written for people; those of which nobody tells are not in it. */
  readonly units: ReadonlyMap<string, ToldUnit>;
  /** There are more than these. */
  readonly hasMore: boolean;
}

const MOST = 1000;

export type BudgetDeps = AssetUnitDeps & { readonly state: { readonly budgets: Pick<BudgetStore, 'list'> } };

export type ListBudgets = (filter: Omit<BudgetFilter, 'activeRevision' | 'groups'>) => Promise<BudgetPage>;

export function createListBudgets(deps: BudgetDeps): ListBudgets {
  const assetUnits = createAssetUnits(deps);
  return async (filter) => {
    const { bundleRevision: activeRevision, agentGroups } = deps.policy.current();
    const groups = groupsOf(filter, agentGroups);
    const found = await deps.state.budgets.list({ ...filter, groups, activeRevision }, MOST + 1);
    const budgets = found.slice(0, MOST);
    const assets = budgets.flatMap(({ limit: { measure } }) => (measure.kind === 'outflow' ? [measure.asset] : []));
    return { budgets, units: await assetUnits(assets), hasMore: found.length > MOST };
  };
}

/** `null`: any, or nobody can tell. */
function groupsOf(
  { agentId, walletIds }: Pick<BudgetFilter, 'agentId' | 'walletIds'>,
  agentGroups: PolicyGeneration['agentGroups'],
): readonly string[] | null {
  if (agentGroups === null || (agentId === null && walletIds === null)) return null;
  const theirs = agentGroups.filter(
    (each) =>
      (agentId === null || each.agentId === agentId) && (walletIds === null || walletIds.includes(each.walletId)),
  );
  return [...new Set(theirs.map(({ group }) => group))];
}

/** What would be decided now, were it to be signed, and where its limits stand. */
export async function previewBudgets(
  deps: Pick<PipelineDeps, 'state' | 'policy'>,
  judged: JudgedRequest,
): Promise<{ readonly decision: Decision; readonly budgets: readonly StandingOf[] }> {
  const budgets = await deps.state.budgets.standings(judged.charges);
  const exceeded = budgets.filter((standing) => standing.amount > left(standing));
  const { judgement } = exceeded.length === 0 ? judged : overBudget(deps, judged, exceeded);
  return { decision: judgement.decision, budgets };
}
