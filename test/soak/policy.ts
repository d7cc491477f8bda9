// Owns the policy of the soak: what each agent may do, and what people must approve.
import { type Address, isAddress } from '@solana/kit';
import type { CanonicalValue } from '../../gateway/core/canonical-json.ts';
import { AGENT, developmentPolicyData, WALLET } from '../../scripts/dev/policy-data.ts';
import { AGENT_IDS, APPROVAL_SECONDS, DESK } from './crew.ts';
import type { SoakLimit } from './limits.ts';

/** Lamports that a buyer may pay without asking. */
export const UNASKED_LAMPORTS = 5_000_000n;

const DEMAND = { quorum: BigInt(DESK.quorum), groups: [DESK.group] };
const BUYING = { ...DEMAND, timeout_seconds: BigInt(APPROVAL_SECONDS.buyer) };
const SPENDING = { ...DEMAND, timeout_seconds: BigInt(APPROVAL_SECONDS.spender) };

export function soakPolicyData(recipient: Address, mint: string, limits: readonly SoakLimit[]): CanonicalValue {
  if (!isAddress(mint)) throw new Error('the mint has no address');
  const base = developmentPolicyData({ recipient, mint }).agents[AGENT].wallets[WALLET];
  const crew = AGENT_IDS.filter((agent) =>
    limits.some((limit) => limit.counts === 'outflow' && limit.agents.includes(agent)),
  );
  const agents = crew.map((agent) => {
    const own = (counts: SoakLimit['counts']) =>
      limits.filter((limit) => limit.counts === counts && limit.agents.includes(agent)).map(windowLimit);
    const rate = own('signature');
    const asked = agent === 'buyer' ? { ...base.human_approval, ...BUYING, above: { SOL: UNASKED_LAMPORTS } } : null;
    const rules = {
      ...base,
      enabled: [...base.enabled, ...(rate.length === 0 ? [] : ['rate_limit'])],
      spending_limit: { ...base.spending_limit, per_window: { SOL: own('outflow') } },
      fee_limit: { ...base.fee_limit, per_window: { fee: own('fee') } },
      ...(asked === null ? {} : { human_approval: asked }),
      ...(rate.length === 0 ? {} : { rate_limit: { per_window: rate } }),
    };
    return [agent, { wallets: { [WALLET]: rules } }] as const;
  });
  return { agents: Object.fromEntries(agents) };
}

function windowLimit({ budget, window, max, excess }: SoakLimit): CanonicalValue {
  const [scope = ''] = budget.split(/[:|]/);
  const exceeded = excess === 'denied' ? {} : { on_exceed: 'require_approval', approval: SPENDING };
  return { max, scope, ...windowOf(window), ...exceeded };
}

function windowOf(window: SoakLimit['window']): { readonly [key: string]: CanonicalValue } {
  switch (window.kind) {
    case 'rolling':
      return { rolling_seconds: BigInt(window.seconds) };
    case 'day':
      return { calendar: 'day', time_zone: 'UTC' };
    case 'lifetime':
      return { lifetime: true };
  }
}
