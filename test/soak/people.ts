// Owns what the people of the soak do about a request that needs approval: approve, reject, take back, or leave it; and what must not
// count: a vote of somebody who is not asked, and a second one of the same person.
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '../../gateway/cli/connection.ts';
import { GatewayFault } from '../../gateway/cli/gateway-fault.ts';
import { ApprovalService, ApprovalState } from '../../proto/gen/countersign/v1/approval_pb.ts';
import type { Ambush } from './ambush.ts';
import type { Ask } from './ask.ts';
import { DESK, type OperatorId, OUTSIDER } from './crew.ts';
import { type Insisting, insist } from './insist.ts';

export interface People extends Insisting {
  readonly ambush: Ambush;
  readonly faults: string[];
}

type Choice = 'approve' | 'reject' | 'withdraw';

interface Seen {
  readonly approvalId: string;
  readonly intentDigest: Uint8Array;
}

const THINK_MS = 400;

/** Returns when they are done with it, which may be before anything is decided. */
export async function decide(people: People, ask: Ask, approvalId: string): Promise<void> {
  const { random } = people;
  const { decision } = ask;
  if (decision === null) {
    people.faults.push(`the ask ${ask.index} of ${ask.agent} waits for people, who need not be asked`);
    return;
  }
  if (decision === 'ignore') return;
  const seen = await look(people, approvalId);
  if (seen === null) return;
  const [first, second] = shuffled(people);
  if (random.chance(20)) await mustNotCount(people, seen, OUTSIDER, 'who is not asked');
  await delay(random.below(THINK_MS));
  const isCounted = await vote(people, seen, first, 'approve');
  if (isCounted && random.chance(20)) await mustNotCount(people, seen, first, 'who has voted');
  if (decision === 'one vote') return;
  if (decision === 'withdraw' || decision === 'withdraw and approve') await vote(people, seen, first, 'withdraw');
  if (decision === 'withdraw') return;
  if (decision === 'withdraw and approve') await vote(people, seen, first, 'approve');
  await delay(random.below(THINK_MS));
  // Who approved may reject all the same.
  const rejecting = random.chance(30) ? first : second;
  if (decision === 'reject') await vote(people, seen, rejecting, 'reject');
  else await vote(people, seen, second, 'approve');
}

/** `null`: it is decided already. */
async function look(people: People, approvalId: string): Promise<Seen | null> {
  const { getApproval } = ApprovalService.method;
  const { approval } = await insist(people, DESK.members[0], (to, options) =>
    to.unary(getApproval, { approvalId }, options),
  );
  return approval?.state === ApprovalState.PENDING ? { approvalId, intentDigest: approval.intentDigest } : null;
}

async function mustNotCount(people: People, seen: Seen, operator: OperatorId, whom: string): Promise<void> {
  if (await vote(people, seen, operator, 'approve')) {
    people.faults.push(`a vote of ${operator}, ${whom}, for ${seen.approvalId} was counted`);
  }
}

/** Until it is counted (true) or refused. What is frozen takes no vote: it is cast again until it is lifted, or the time is over. */
async function vote(people: People, seen: Seen, operator: OperatorId, choice: Choice): Promise<boolean> {
  for (;;) {
    try {
      await insist(people, operator, (to, options) => castAt(people, to, operator, seen, choice, options));
      return true;
    } catch (error) {
      if (!(error instanceof GatewayFault)) throw error;
      if (error.reason === 'VOTE_REFUSED') return false;
      if (error.reason !== 'FROZEN') {
        people.faults.push(`a vote of ${operator} for ${seen.approvalId} met ${error.reason}: ${error.message}`);
        return false;
      }
    }
    await delay(300 + people.random.below(600));
  }
}

/** Every now and then at a gateway that dies meanwhile. */
async function castAt(
  { ambush, fleet, random }: People,
  anywhere: Connection,
  operator: OperatorId,
  seen: Seen,
  choice: Choice,
  options: { readonly deadlineMs: number },
): Promise<void> {
  const laid = ambush.take();
  const to = laid === null ? anywhere : fleet.control(random, operator, laid.member);
  const casting = cast(to, seen, choice, options);
  if (laid !== null) void delay(random.below(12)).then(laid.spring);
  await casting;
}

async function cast(
  to: Connection,
  { approvalId, intentDigest }: Seen,
  choice: Choice,
  options: { readonly deadlineMs: number },
): Promise<void> {
  const { approve, reject, withdraw } = ApprovalService.method;
  const ballot = { approvalId, intentDigest, comment: choice };
  switch (choice) {
    case 'approve':
      return void (await to.unary(approve, ballot, options));
    case 'reject':
      return void (await to.unary(reject, ballot, options));
    case 'withdraw':
      return void (await to.unary(withdraw, { approvalId }, options));
  }
}

function shuffled({ random }: People): readonly [OperatorId, OperatorId] {
  const first = random.pick(DESK.members);
  return [first, random.pick(DESK.members.filter((member) => member !== first))];
}
