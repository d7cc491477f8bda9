// Owns the budgets of the gateway's own fee payer: what it pays in a day for one agent, and for all together.
import type { Limit } from '../decision/decision.ts';
import type { SponsorTerms } from './sponsor-terms.ts';

const DAY_SECONDS = 86_400;

/** To be enforced with those of the policy; no id of a policy's limit begins with `@`. */
export function sponsorLimits({ name, address, perAgentPerDay, perDay }: SponsorTerms): readonly Limit[] {
  const common = {
    measure: { kind: 'sponsored', payer: address },
    window: { kind: 'rolling', seconds: DAY_SECONDS },
    onExceed: { kind: 'deny' },
  } as const;
  return [
    { ...common, id: `@sponsor/${name}/agent`, scope: 'agent', max: perAgentPerDay },
    { ...common, id: `@sponsor/${name}/all`, scope: 'global', max: perDay },
  ];
}
