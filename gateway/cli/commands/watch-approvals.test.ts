import { expect, it, vi } from 'vitest';
import { chainOf } from '../../audit/testing/sample-chain.ts';
import { controlPlane } from '../../rpc/testing/planes.ts';
import { APPROVAL_ID, OPERATOR, sampleView } from '../../rpc/testing/samples.ts';
import { fakeTerminal } from '../testing/fake-terminal.ts';

it('tells a decision once, though the vote and the decision are two records, and what became of it', async () => {
  const facts = { approval_id: APPROVAL_ID };
  const [vote, decision, signed] = chainOf(
    (['approval.vote', 'approval.approved', 'request.signed'] as const).map((kind) => ({
      kind,
      time: 1,
      requestId: null,
      actor: 'ann',
      facts,
    })),
  );
  const approved = sampleView({ state: 'APPROVED' });
  let shown = approved;
  const plane = await controlPlane({
    head: 0n,
    approvals: { listApprovals: async () => [], lookUpApproval: async () => shown },
    async *streamRecords({ after, signal }) {
      if (after > 0n || vote === undefined || decision === undefined || signed === undefined) return;
      yield* [vote, decision];
      shown = { ...approved, request: { ...approved.request, state: 'DENIED' } };
      yield signed;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  });
  const apiKey = plane.principals.add(OPERATOR);
  const person = fakeTerminal({ COUNTERSIGN_CONTROL_ADDRESS: plane.address, COUNTERSIGN_API_KEY: apiKey });
  try {
    const watching = person.run('approvals', 'watch');
    await vi.waitFor(() => expect(person.out.join('\n')).toContain('its request is DENIED'));
    person.stop();
    expect(await watching).toBe(0);
  } finally {
    await plane.close();
  }
  expect(person.out).toHaveLength(2);
  expect(person.out[0]).toMatch(/ APPROVED {2}/);
});
