import { describe, expect, it } from 'vitest';
import { checkApprovals } from './approval-oracle.ts';
import type { Ask } from './ask.ts';
import type { Evidence, RecordedVote } from './evidence.ts';
import { landing, request, SOUND } from './sound-run.ts';

const LAMPORTS = 6_000_001n;
const NOW = 1_000_000;

/** A buyer asks for much, ann votes, takes it back and votes again, ben votes, and it is signed and lands. */
const APPROVED: Evidence = {
  ...SOUND,
  asks: [buying(LAMPORTS)],
  requests: [request(0, { agent: 'buyer' })],
  landings: [landing(0, { lamports: LAMPORTS })],
  approvals: [{ approvalId: 'a0', requestId: 'r0', state: 'APPROVED', expiresAt: NOW }],
  trail: {
    intents: [{ sequence: 9n, requestId: 'r0', time: NOW - 10 }],
    demands: [{ sequence: 1n, requestId: 'r0', approvalId: 'a0' }],
    votes: [vote(2n, 'ann'), vote(3n, 'ann', 'withdraw'), vote(4n, 'ann'), vote(5n, 'ben')],
    freezes: [],
  },
};

function buying(lamports: bigint): Ask {
  const asked = { index: 0, agent: 'buyer', lamports, key: 'ask-0', method: 'send' } as const;
  return { ...asked, afterwards: 'keeps it', isDoomed: false, decision: 'approve' };
}

function vote(sequence: bigint, voter: string, choice: RecordedVote['choice'] = 'approve'): RecordedVote {
  return { sequence, approvalId: 'a0', voter, choice };
}

function voted(...votes: readonly RecordedVote[]): Partial<Evidence> {
  return { trail: { ...APPROVED.trail, votes } };
}

it('finds nothing where everybody was asked who must be', () => {
  expect(checkApprovals(APPROVED)).toEqual([]);
});

it('asks for no approval of what needs none', () => {
  const [asks, landings] = [[buying(4_000_001n)], [landing(0, { lamports: 4_000_001n })]];
  const trail = { ...APPROVED.trail, demands: [], votes: [] };
  expect(checkApprovals({ ...APPROVED, asks, landings, approvals: [], trail })).toEqual([]);
});

describe('finds', () => {
  const { trail, approvals, requests } = APPROVED;
  const [approval] = approvals;
  const ended = { approvalId: 'a0', requestId: 'r0', state: 'PENDING', expiresAt: NOW, ...approval };
  it.each<[string, Partial<Evidence>, RegExp]>([
    ['one vote too few', voted(vote(2n, 'ann')), /its approval a0 had 1 of 2 votes/],
    ['votes that nobody cast', voted(), /had 0 of 2 votes/],
    ['one person twice', voted(vote(2n, 'ann'), vote(3n, 'ann')), /ann voted twice on a0/],
    ['two votes of one person as a quorum', voted(vote(2n, 'ann'), vote(3n, 'ann')), /had 1 of 2 votes/],
    ['a vote after the intent', voted(vote(2n, 'ann'), vote(10n, 'ben')), /had 1 of 2 votes/],
    [
      'a vote that was taken back',
      voted(vote(2n, 'ann'), vote(3n, 'ben'), vote(4n, 'ann', 'withdraw')),
      /had 1 of 2 votes/,
    ],
    [
      'a rejection that was passed over',
      voted(vote(2n, 'ann'), vote(3n, 'cid', 'reject'), vote(4n, 'ben')),
      /had been rejected by cid/,
    ],
    ['a vote of somebody who is not asked', voted(vote(2n, 'ann'), vote(3n, 'dora')), /dora, who is not asked, voted/],
    ['a vote of whoever asked', voted(vote(2n, 'ann'), vote(3n, 'buyer')), /buyer voted on a request of its own/],
    [
      'what was signed though nobody had been asked',
      { trail: { ...trail, demands: [], votes: [] }, approvals: [] },
      /signed at 9, and nobody had been asked/,
    ],
    [
      'what landed without approval, whatever the record says of it',
      { trail: { ...trail, intents: [], demands: [], votes: [] }, approvals: [] },
      /s0 paid 6000001, which needs approval, and had none/,
    ],
    [
      'votes for an approval that another one took the place of',
      { trail: { ...trail, demands: [...trail.demands, { sequence: 8n, requestId: 'r0', approvalId: 'a1' }] } },
      /its approval a1 had 0 of 2 votes/,
    ],
    [
      'what was signed when its time was over',
      { trail: { ...trail, intents: [{ sequence: 9n, requestId: 'r0', time: NOW + 1_500 }] } },
      /1500 ms after its approval was void/,
    ],
    [
      'an approval that is left open',
      { approvals: [{ ...ended, state: 'PENDING', expiresAt: Date.now() + 9_000 }] },
      /a0 is open, and its request FINALIZED/,
    ],
    [
      'an approval that nobody ends',
      {
        approvals: [{ ...ended, state: 'PENDING' }],
        requests: [request(0, { agent: 'buyer', state: 'AWAITING_APPROVAL' })],
      },
      /a0 is open, and its time was over/,
    ],
    [
      'an approval that nothing comes of',
      { requests: [request(0, { agent: 'buyer', state: 'AWAITING_APPROVAL' })] },
      /a0 is APPROVED, and its request waits/,
    ],
    ['an approval of nothing', { requests: requests.slice(1) }, /a0 is of no request/],
  ])('%s', (_what, change, told) => {
    expect(checkApprovals({ ...APPROVED, ...change }).join('\n')).toMatch(told);
  });
});
