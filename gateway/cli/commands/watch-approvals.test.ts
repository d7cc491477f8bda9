import { expect, it, vi } from 'vitest';
import { chainOf } from '../../audit/testing/sample-chain.ts';
import type { AuditKind } from '../../core/audit/audit-record.ts';
import { controlPlane } from '../../rpc/testing/planes.ts';
import { APPROVAL_ID, OPERATOR, sampleView } from '../../rpc/testing/samples.ts';
import { fakeTerminal } from '../testing/fake-terminal.ts';

const LATER = APPROVAL_ID.replace('9', '8');
const entry = (kind: AuditKind, id: string) => {
  return { kind, time: 1, requestId: null, actor: 'ann', facts: { approval_id: id } };
};

it.each([
  ['APPROVED', ['APPROVED', 'APPROVED, its request is DENIED']],
  ['REJECTED', ['REJECTED']],
] as const)('tells of what is %s each thing once, though several records are about it', async (state, told) => {
  const records = chainOf([
    entry('approval.vote', APPROVAL_ID),
    entry('request.denied', APPROVAL_ID),
    entry('request.denied', APPROVAL_ID),
    entry('approval.vote', LATER),
  ]);
  const decided = sampleView({ state });
  const denied = { ...decided, request: { ...decided.request, state: 'DENIED' } } as const;
  const looks = [decided, denied, denied, sampleView({ approvalId: LATER })];
  const plane = await controlPlane({
    head: 0n,
    approvals: { listApprovals: async () => [], lookUpApproval: async () => looks.shift() ?? decided },
    async *streamRecords({ after }) {
      yield* records.slice(Number(after));
    },
  });
  const apiKey = plane.principals.add(OPERATOR);
  const person = fakeTerminal({ COUNTERSIGN_CONTROL_ADDRESS: plane.address, COUNTERSIGN_API_KEY: apiKey });
  try {
    const watching = person.run('approvals', 'watch', '--after', '0');
    await vi.waitFor(() => expect(person.out.join('\n')).toContain(LATER));
    person.stop();
    expect(await watching).toBe(0);
  } finally {
    await plane.close();
  }
  expect(person.out.map((line) => line.split('  ').slice(0, 2))).toEqual([
    ...told.map((each) => [APPROVAL_ID, each]),
    [LATER, 'PENDING'],
  ]);
});
