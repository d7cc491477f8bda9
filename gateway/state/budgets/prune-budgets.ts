// Owns when budgets forget what no window needs any more: now and then, in short steps, on every gateway.
import type { BudgetStore } from '../contract/budget-store.ts';

const EVERY_MS = 3_600_000;
const BUDGETS_A_STEP = 500;

/** Returns a stop. A record that is away is tried again an hour later. */
export function startPruningBudgets(
  budgets: Pick<BudgetStore, 'prune'>,
  everyMs: number = EVERY_MS,
): () => Promise<void> {
  let isStopped = false;
  let pass = Promise.resolve();
  const timer = setInterval(() => {
    pass = pass.then(() => pruneBudgets(budgets, () => isStopped)).catch(() => undefined);
  }, everyMs).unref();
  return async () => {
    isStopped = true;
    clearInterval(timer);
    await pass;
  };
}

/** One pass over all budgets, each step a transaction of its own. */
export async function pruneBudgets(
  budgets: Pick<BudgetStore, 'prune'>,
  isStopped: () => boolean = () => false,
): Promise<void> {
  let after: bigint | null = 0n;
  while (after !== null && !isStopped()) after = await budgets.prune(after, BUDGETS_A_STEP);
}
