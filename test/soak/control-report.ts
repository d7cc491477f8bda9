// Owns what a soak tells of people: what they were asked and answered, what they froze and lifted, and what came of it.
import type { Evidence } from './evidence.ts';

export function controlCounts({ approvals, requests, trail, signatures, landings }: Evidence): readonly string[] {
  const asked = new Set(approvals.map(({ requestId }) => requestId));
  const inState = (state: string): number => approvals.filter((approval) => approval.state === state).length;
  const votes = (choice: string): number => trail.votes.filter((vote) => vote.choice === choice).length;
  const denied = (code: string): number =>
    requests.filter(({ reason, state }) => state === 'DENIED' && reason === code).length;
  const steps = (wanted: string): number => trail.freezes.filter(({ kind }) => kind === wanted).length;
  const signed = signatures.filter(({ requestId }) => asked.has(requestId));
  const landedSignatures = new Set(landings.map(({ signature }) => signature));
  const landed = signed.filter(({ signature }) => landedSignatures.has(signature));
  const spending = new Set(requests.filter(({ agent }) => agent === 'spender').map(({ requestId }) => requestId));
  const exceeding = landed.filter(({ requestId }) => spending.has(requestId)).length;
  return [
    `approvals   ${asked.size} requests asked for approval (${approvals.length} times): ${inState('APPROVED')} approved, ${inState('REJECTED')} rejected, ${denied('APPROVAL_TIMED_OUT')} timed out; ${signed.length} signed, ${landed.length} landed, ${exceeding} of them above a limit`,
    `votes       ${votes('approve')} to approve, ${votes('reject')} to reject, ${votes('withdraw')} withdrawn`,
    `freezes     ${steps('freeze.set')} put, ${steps('freeze.lifted')} lifted by ${steps('freeze.lift_voted')} votes; ${denied('FROZEN')} denied by a freeze`,
  ];
}
