import { expect, it } from 'vitest';
import { countedApprovers, type VotedApproval, whyNotCounted } from './counted-votes.ts';

const VOTE = { approverId: 'ben', approve: true, groups: ['treasurers'], counts: true, signature: 'x' } as const;
const APPROVAL: VotedApproval = {
  agentId: 'bot',
  requirement: { quorum: 1, groups: ['treasurers'], timeoutSeconds: 60 },
  escalatedAt: null,
  votes: [VOTE],
};

it('counts a vote of who may approve', () => {
  expect(whyNotCounted(APPROVAL, VOTE, true)).toBeNull();
  expect(countedApprovers(APPROVAL, true).map(({ id }) => id)).toEqual(['ben']);
});

it.each([
  [{ groups: ['others'] }, 'ben is not in treasurers any more'],
  [{ counts: false }, 'ben is disabled or no approver any more'],
  [{ signature: undefined }, 'it is not signed'],
  [{ approverId: 'bot' }, 'bot asked for it'],
])('says why a vote does not count: %j', (change, why) => {
  const vote = { ...VOTE, ...change };
  expect(whyNotCounted(APPROVAL, vote, true)).toContain(why);
  expect(countedApprovers({ ...APPROVAL, votes: [vote] }, true)).toEqual([]);
});
