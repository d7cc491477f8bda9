import { expect, it } from 'vitest';
import { agentGroupsIn } from './agent-groups.ts';

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const inGroup = (group: string) => ({ max: 5, lifetime: true, scope: 'agent_group', group });

it('tells who is in which group with which wallet, each once', () => {
  const wallets = {
    hot: {
      spending_limit: { per_window: { SOL: [inGroup('makers'), { max: 1, scope: 'agent' }] }, x: [inGroup('makers')] },
    },
    cold: { human_approval: { per_group: [{ group: 'treasury', quorum: 1 }] } },
  };
  expect(agentGroupsIn(bytes({ countersign: { agents: { bot: { wallets } } } }))).toEqual([
    { group: 'makers', agentId: 'bot', walletId: 'hot' },
  ]);
});

it('cannot tell of data of another shape', () => {
  expect(agentGroupsIn(bytes({ mine: { agents: {} } }))).toBeNull();
});
