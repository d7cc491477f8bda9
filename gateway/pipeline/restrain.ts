// Owns what the gateway itself adds to a decision of the policy: what operators froze is denied, and what limits count is established.
// It can only turn a decision into a denial.
import { type Charge, chargesOf } from '../core/budget/charge.ts';
import { type Freeze, type FreezeSubject, frozenBy } from '../core/controls/freeze.ts';
import { type Decision, gatewayDenial, type Limit, type Verdict } from '../core/decision/decision.ts';
import type { Agent, Wallet } from '../core/principal/principal.ts';
import type { PipelineDeps } from './pipeline-deps.ts';
import { type Established, freezeSubject, useOf } from './subject.ts';

export interface Restrained {
  readonly decision: Decision;
  readonly charges: readonly Charge[];
  readonly excess: readonly string[];
  readonly controls: bigint;
  readonly subject: () => FreezeSubject;
}

export function restrain(
  { state }: Pick<PipelineDeps, 'state'>,
  decision: Decision,
  { agent, wallet }: { readonly agent: Agent; readonly wallet: Wallet },
  established: Established,
): Restrained {
  const { version, freezes } = state.controls.current();
  const subject = () => freezeSubject(established, agent.id, wallet.id);
  const held = { charges: [], excess: [], controls: version, subject };
  const { verdict } = decision;
  if (verdict.kind === 'deny') return { ...held, decision };
  const freeze = frozenBy(freezes, subject);
  if (freeze !== null) return { ...held, decision: { ...decision, verdict: frozenDenial(freeze) } };
  if (verdict.limits === undefined) return { ...held, decision };
  const spender = { agentId: agent.id, walletId: wallet.id };
  const counted = chargesOf(verdict.limits, spender, useOf(established, wallet.address));
  if (counted.kind === 'counted') return { ...held, decision, charges: counted.charges };
  return { ...held, decision: { ...decision, verdict: uncounted(counted.limit, counted.fact) } };
}

export function frozenDenial({ scope, target, reason, freezeId }: Freeze): Verdict {
  const what = scope === 'all' ? 'everything' : `the ${scope} ${target}`;
  return gatewayDenial('FROZEN', `operators have frozen ${what}: ${reason}`, { freeze_id: freezeId, scope, target });
}

function uncounted({ id }: Limit, fact: string): Verdict {
  return gatewayDenial('LIMIT_UNCOUNTABLE', `what the limit ${id} counts is not established: ${fact} is missing`, {
    limit: id,
    missing: fact,
  });
}
