// Owns how budgets look on the wire.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { BudgetSchema, BudgetUseSchema } from '../../../proto/gen/countersign/v1/budget_pb.ts';
import { spenderOf } from '../../core/budget/charge.ts';
import { left, type Standing, type StandingOf } from '../../core/budget/standing.ts';
import type { BudgetPage } from '../../pipeline/administration/budgets.ts';
import { unitMessage } from './asset-unit.ts';
import { limitMessage } from './limit.ts';

type WireBudget = MessageInitShape<typeof BudgetSchema>;

export function budgetPageMessage({ budgets, units, hasMore }: BudgetPage): {
  readonly budgets: WireBudget[];
  readonly hasMore: boolean;
} {
  return {
    budgets: budgets.map((budget) => ({
      ...standingMessage(budget),
      bundleRevision: budget.bundleRevision,
      statedTime: timestampFromMs(budget.seenAt),
      fromEarlierRevision: budget.isEarlier,
      ...unitMessage(budget.limit.measure, units),
    })),
    hasMore,
  };
}

export function budgetUseMessage(standing: StandingOf): MessageInitShape<typeof BudgetUseSchema> {
  const { amount, fitsAt } = standing;
  return {
    budget: standingMessage(standing),
    amount: amount.toString(),
    fits: amount <= left(standing),
    ...(fitsAt === null ? {} : { fitTime: timestampFromMs(fitsAt) }),
  };
}

function standingMessage(standing: Standing): WireBudget {
  const { limit, budget, used, reserved, freesAt } = standing;
  const { agentId, walletId } = spenderOf(budget);
  return {
    limit: limitMessage(limit),
    agent: agentId ?? '',
    wallet: walletId ?? '',
    used: used.toString(),
    reserved: reserved.toString(),
    left: left(standing).toString(),
    ...(freesAt === null ? {} : { freeTime: timestampFromMs(freesAt) }),
  };
}
