// Owns what scenes give the pipeline to set compute budgets with, where none is to be set.
import type { ComputeBudgetDeps } from '../facts/compute-budget.ts';

export const NO_COMPUTE_BUDGET: Pick<ComputeBudgetDeps, 'feeMarket' | 'computeBudget'> = {
  feeMarket: {
    recentPrices: () => Promise.reject(new Error('the fee market is asked where no price is to be set')),
  },
  computeBudget: { maxPrice: 0n, unitMarginPercent: 0 },
};
