// Owns whether the gateway's own fee payer pays for a transaction that names it, and the limits that then count.
import type { Limit, Verdict } from '../core/decision/decision.ts';
import { sponsorDenial } from '../core/sponsor/sponsor-denial.ts';
import { sponsorLimits } from '../core/sponsor/sponsor-limits.ts';
import type { SponsoredActs } from '../core/sponsor/sponsored-acts.ts';
import type { WalletRoute } from './pipeline-deps.ts';
import type { Established } from './subject.ts';

export interface Sponsorship {
  /** Why it does not pay; `null`: it does, or is not asked to. */
  readonly denial: Verdict | null;
  readonly limits: readonly Limit[];
}

const NOT_ASKED: Sponsorship = { denial: null, limits: [] };

/** Whoever has signed already: what it pays for is held to its terms each time. */
export function sponsorshipOf(route: WalletRoute | undefined, established: Established): Sponsorship {
  const terms = route?.sponsorship ?? null;
  if (route === undefined || terms === null || established === null) return NOT_ASKED;
  if (established.decoded.feePayer !== terms.address) return NOT_ASKED;
  const reason = sponsorDenial(terms, actsOf(established, route.wallet.address));
  return { denial: reason === null ? null : { kind: 'deny', reasons: [reason] }, limits: sponsorLimits(terms) };
}

function actsOf({ decoded, effects, simulation }: NonNullable<Established>, wallet: string): SponsoredActs {
  const message = { wallet, decoded, effects: [effects], ran: [], fails: null } as const;
  switch (simulation.status) {
    case 'succeeded':
      return { ...message, effects: [effects, simulation.effects], ran: simulation.instructions };
    case 'failed':
      return { ...message, fails: simulation.error };
    case 'not_run':
    case 'unavailable':
      return message;
  }
}
