// Owns what the gateway itself adds to a decision of the policy: what is forbidden or frozen, or what its own fee payer does not pay for,
// is denied, and what limits count is established.
// It can only turn a decision into a denial.
import { type Charge, chargesOf } from '../core/budget/charge.ts';
import { notEstablished, uncountable } from '../core/budget/over-limits.ts';
import { type Forbidden, forbiddenIn, forbiddenReason } from '../core/controls/forbidden.ts';
import { type Freeze, type FreezeSubject, freezeText, frozenBy } from '../core/controls/freeze.ts';
import { type Decision, gatewayDenial, type Limit, type Verdict } from '../core/decision/decision.ts';
import { instead } from '../core/decision/gateway-verdict.ts';
import { isTimeZone } from '../core/policy-input/local-time.ts';
import type { Agent, Wallet } from '../core/principal/principal.ts';
import { sessionOf } from '../core/principal/session.ts';
import type { State } from '../state/contract/state.ts';
import type { PipelineDeps } from './pipeline-deps.ts';
import { sponsorshipOf } from './sponsorship.ts';
import { actsOf, type Established, freezeSubject, useOf } from './subject.ts';

export interface Restrained {
  readonly decision: Decision;
  readonly charges: readonly Charge[];
  readonly excess: readonly string[];
  readonly controls: bigint;
  readonly subject: () => FreezeSubject;
}

export async function restrain(
  { state, forbid, routes }: Pick<PipelineDeps, 'state' | 'forbid' | 'routes'>,
  decision: Decision,
  { agent, wallet }: { readonly agent: Agent; readonly wallet: Wallet },
  established: Established,
): Promise<Restrained> {
  const { version, freezes } = state.controls.current();
  const subject = () => freezeSubject(established, agent.id, wallet.id);
  const held = { charges: [], excess: [], controls: version, subject };
  const { verdict } = decision;
  if (verdict.kind === 'deny') return { ...held, decision };
  const denied = (by: Verdict) => ({ ...held, decision: { ...decision, verdict: instead(verdict, by) } });
  const acts = actsOf(established, wallet.address);
  const forbidden = acts === null ? null : forbiddenIn(acts, forbid);
  if (forbidden !== null) return denied(forbiddenDenial(forbidden));
  const freeze = frozenBy(freezes, subject);
  if (freeze !== null) return denied(frozenDenial(freeze));
  const sponsorship = sponsorshipOf(routes.get(wallet.id), established);
  if (sponsorship.denial !== null) return denied(sponsorship.denial);
  const limits = [...(verdict.limits ?? []), ...(sessionOf(agent)?.limits ?? []), ...sponsorship.limits];
  if (limits.length === 0) return { ...held, decision };
  const spender = { agentId: agent.id, walletId: wallet.id };
  const counted = chargesOf(limits, spender, useOf(established, wallet.address));
  if (counted.kind === 'unknown') {
    const { limit, fact } = counted;
    return denied(notEstablished(limit, fact));
  }
  const zoneless = await withoutTimeZone(state, counted.charges);
  if (zoneless === null) return { ...held, decision, charges: counted.charges };
  const { limit, timeZone } = zoneless;
  return denied(uncountable(limit, `has no calendar: nobody knows the time zone ${timeZone}`, { time_zone: timeZone }));
}

interface Zoneless {
  readonly limit: Limit;
  readonly timeZone: string;
}

/** The database counts by its own calendar: a zone that it does not know would fail whatever is committed together with this. */
async function withoutTimeZone({ budgets }: State, charges: readonly Charge[]): Promise<Zoneless | null> {
  for (const { limit } of charges) {
    if (limit.window.kind !== 'calendar') continue;
    const { timeZone } = limit.window;
    // What is no name of a zone, Postgres takes for an offset of a sign of its own.
    if (!isTimeZone(timeZone) || !(await budgets.knowsTimeZone(timeZone))) return { limit, timeZone };
  }
  return null;
}

function forbiddenDenial({ name, account }: Forbidden): Verdict {
  const message = `no policy can allow this: ${forbiddenReason(name)}`;
  return gatewayDenial('FORBIDDEN_ACTION', message, { action: name, account });
}

export function frozenDenial(freeze: Freeze): Verdict {
  const { scope, target, freezeId } = freeze;
  return gatewayDenial('FROZEN', freezeText(freeze), { freeze_id: freezeId, scope, target });
}
